/** `onecycle find`: runs a learning-rate finder and shows its curve. */
import type { Command } from 'commander';
import type { Onecycle } from '../../client/index.js';
import { clientCommand, collect, connect, number, type Common } from '../command.js';
import { CliError, exitCodes, exitWith } from '../exit-codes.js';
import { datasetId } from '../refs.js';
import { readSpec, unchecked, withSettings, type Spec } from '../spec-file.js';
import { isBuiltin, onBuiltin, onUpload } from '../starter.js';
import { print, printJson, say } from '../terminal/out.js';

interface Options extends Common {
  dataset?: string;
  target?: string;
  startLr?: number;
  endLr?: number;
  numIt?: number;
  set?: string[];
}

/** Fields that mean something for training alone. */
const fitOnly = ['callbacks', 'finish', 'metrics'];

/** Adds the command. */
export function findCommand(program: Command): void {
  clientCommand(program, 'find', 'find a learning rate: run lr_find, show its curve and its suggestions')
    .argument('[file]', 'a job file, whose policy is ignored; - is standard input')
    .option('-d, --dataset <name>', 'without a file: digits, iris, diabetes, or the id of an uploaded data set')
    .option('--target <column>', 'for a table: the column to predict')
    .option('--start-lr <rate>', 'rate to start from (default: 1e-7)', number)
    .option('--end-lr <rate>', 'rate to end with (default: 10)', number)
    .option('--num-it <n>', 'iterations (default: 100)', number)
    .option('-s, --set <path=value>', 'change a field (repeatable)', collect)
    .action(find);
}

async function find(file: string | undefined, options: Options): Promise<void> {
  const client = connect(options);
  const spec = withSettings(await specOf(client, file, options), options.set ?? []);
  const job = await client.jobs.create(unchecked(spec));
  if (!options.json) say(`Finder ${job.id}`);
  const { follow } = await import('../watch/follow.js');
  const code = options.json ? await quietly(job) : (await follow(client, [job.id], false)).code;
  exitWith(code);
  if (code === exitCodes.interrupted) return;
  const found = await job.lrFind();
  if (options.json) {
    printJson({ id: job.id, ...found });
    return;
  }
  const { curveText } = await import('../finder.js');
  print(`\n${curveText(found)}`);
}

/** To its end, without a word. */
async function quietly(job: { done(): Promise<{ status: string }> }) {
  return (await job.done()).status === 'completed' ? exitCodes.ok : exitCodes.failed;
}

async function specOf(client: Onecycle, file: string | undefined, options: Options): Promise<Spec> {
  const { startLr, endLr, numIt, dataset } = options;
  if ((file === undefined) === (dataset === undefined))
    throw new CliError('Give a job file, or --dataset: onecycle find job.json, onecycle find --dataset digits');
  const spec: Spec = file === undefined ? { ...(await dataOf(client, dataset!, options)) } : await readSpec(file);
  const rates = { start_lr: startLr, end_lr: endLr, num_it: numIt };
  const given = Object.entries(rates).filter(([, value]) => value !== undefined);
  const rest = Object.entries(spec).filter(([name]) => !fitOnly.includes(name));
  return { ...Object.fromEntries(rest), policy: { name: 'lr_find', ...Object.fromEntries(given) } };
}

async function dataOf(client: Onecycle, name: string, { target }: Options) {
  if (isBuiltin(name)) return onBuiltin(name);
  return onUpload(await client.datasets.get(await datasetId(client, name)), target);
}
