/** `onecycle init`: writes a job file by asking. */
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { Dataset, JobRequest, Onecycle } from '../../client/index.js';
import { clientCommand, connect, number, type Common } from '../command.js';
import { CliError, exitCodes } from '../exit-codes.js';
import { unwritable } from '../files.js';
import { datasetId } from '../refs.js';
import { isBuiltin, onBuiltin, onUpload, policyOf } from '../starter.js';
import { print, printJson, say } from '../terminal/out.js';

interface Options extends Common {
  yes?: true;
  force?: true;
  dataset?: string;
  target?: string;
  epochs?: number;
  lr?: number;
}

/** Adds the command. */
export function initCommand(program: Command): void {
  clientCommand(program, 'init', 'ask what to train on, and write a job file')
    .argument('[file]', 'the file: .json or .yaml', 'job.json')
    .option('-y, --yes', 'ask nothing and take the defaults')
    .option('--force', 'overwrite an existing file')
    .option('-d, --dataset <name>', 'digits, iris, diabetes, or the id of an uploaded data set')
    .option('--target <column>', 'for a table: the column to predict')
    .option('--epochs <n>', 'epochs to train (default: 20)', number)
    .option('--lr <rate>', 'the highest rate (default: suggested by a finder)', number)
    .action(init);
}

async function init(file: string, options: Options): Promise<void> {
  if (!options.yes && !process.stdin.isTTY)
    throw new CliError('There is no terminal to ask questions on: use --yes to take the defaults.');
  if (existsSync(file) && !options.force)
    throw new CliError(`${file} already exists: use --force to overwrite it.`, exitCodes.conflict);
  const client = connect(options);
  const answers = options.yes ? options : await (await import('../init-questions.js')).ask(client, options);
  const spec = await specOf(client, answers);
  await writeFile(file, /\.ya?ml$/.test(file) ? stringify(spec) : `${JSON.stringify(spec, null, 2)}\n`).catch(
    unwritable(file),
  );
  if (options.json) printJson(spec);
  else print(file);
  say(`To train it: onecycle submit ${file} --watch`);
}

async function specOf(client: Onecycle, { dataset = 'digits', target, epochs = 20, lr }: Options): Promise<JobRequest> {
  const policy = policyOf(epochs, lr);
  if (isBuiltin(dataset)) return { policy, ...onBuiltin(dataset) };
  const record: Dataset = await client.datasets.get(await datasetId(client, dataset));
  return { policy, ...onUpload(record, target) };
}
