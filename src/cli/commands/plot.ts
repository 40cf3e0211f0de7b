/** `onecycle plot`: a job's curves in the terminal, or as fastai draws them in a file. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Job, Metrics } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { CliError, exitCodes } from '../exit-codes.js';
import { unwritable } from '../files.js';
import { jobId } from '../refs.js';
import { chart, margin, xAxis } from '../terminal/chart.js';
import { columns, print, printJson, say } from '../terminal/out.js';

const kinds = ['loss', 'sched', 'lr-find'] as const;
type Kind = (typeof kinds)[number];

interface Options extends Common {
  kind?: Kind;
  svg?: string;
  png?: string;
  hypers?: string;
}

const height = 12;
const hyperHeight = 7;

/** Adds the command. */
export function plotCommand(program: Command): void {
  clientCommand(program, 'plot', "draw a job's losses, its schedule, or a finder's curve")
    .argument('[id]', 'its id, a prefix of it, @last', '@last')
    .option('-k, --kind <kind>', 'loss, sched or lr-find (default: lr-find for a finder, else loss)')
    .option('--hypers <names>', 'with sched: hyperparameters, separated by commas (default in the terminal: lr,mom)')
    .option('--svg <file>', "write fastai's plot as SVG")
    .option('--png <file>', "write fastai's plot as PNG")
    .action(plot);
}

async function plot(ref: string, options: Options): Promise<void> {
  const client = connect(options);
  const job = await client.jobs.get(await jobId(client, ref));
  const kind = options.kind ?? (job.record.type === 'lr_find' ? 'lr-find' : 'loss');
  if (!kinds.includes(kind)) throw new CliError(`--kind is one of ${kinds.join(', ')}, and not ${kind}.`);
  const files = (['svg', 'png'] as const).flatMap((format) => {
    const file = options[format];
    return file === undefined ? [] : [{ format, file }];
  });
  for (const file of files) await write(job, kind, options.hypers, file);
  if (files.length > 0) return;
  if (kind === 'lr-find') return plotFinder(job, options.json);
  const width = Math.max(20, columns() - margin - 1);
  const curves = await job.metrics({ points: 3 * width });
  if (curves.iteration.length < 2)
    throw new CliError(`${job.id} is ${job.status} and has nothing to draw yet.`, exitCodes.conflict);
  if (options.json) {
    printJson(curves);
    return;
  }
  print(kind === 'loss' ? lossChart(curves, width) : schedChart(curves, width, options.hypers ?? 'lr,mom'));
}

async function write(
  job: Job,
  kind: Kind,
  hypers: string | undefined,
  { format, file }: { format: 'svg' | 'png'; file: string },
): Promise<void> {
  const query = kind === 'sched' && hypers !== undefined ? { keys: hypers } : undefined;
  const content = format === 'svg' ? await job.plot(kind, query) : (await job.plotPng(kind, query)).stream();
  await writeFile(file, content).catch(unwritable(file));
  say(file);
}

async function plotFinder(job: Job, json = false): Promise<void> {
  const found = await job.lrFind();
  if (json) {
    printJson(found);
    return;
  }
  const { curveText } = await import('../finder.js');
  print(curveText(found));
}

function lossChart(curves: Metrics, width: number): string {
  const { iteration, loss } = curves;
  const range: [number, number] = [0, iteration[iteration.length - 1]];
  const valid = validation(curves);
  const drawn = chart([{ x: iteration, y: loss }], { width, height, range, marks: valid });
  const title = valid.x.length > 0 ? 'smoothed loss by iteration; ● validation' : 'smoothed loss by iteration';
  return `${drawn}\n${xAxis(width, range, title)}`;
}

/** The validation losses, each at the last iteration of its epoch. */
function validation({ iteration, epoch, epochs }: Metrics): { x: number[]; y: (number | null)[] } {
  const last = new Map(epoch.map((each, i) => [each, iteration[i]]));
  const shown = epochs.filter((row) => last.has(row.epoch) && row.valid_loss !== null);
  return { x: shown.map((row) => last.get(row.epoch)!), y: shown.map(({ valid_loss }) => valid_loss) };
}

/** A chart for each hyper; of several parameter groups the last, as fastai's recorder has it. */
function schedChart({ iteration, hypers }: Metrics, width: number, names: string): string {
  const range: [number, number] = [0, iteration[iteration.length - 1]];
  const known = Object.keys(hypers);
  return names
    .split(',')
    .map((name) => {
      const groups = hypers[name];
      if (!known.includes(name)) throw new CliError(`The job has no ${name}: it has ${known.join(', ')}.`);
      const drawn = chart([{ x: iteration, y: groups[groups.length - 1] }], { width, height: hyperHeight, range });
      return `${drawn}\n${xAxis(width, range, `${name} by iteration`)}`;
    })
    .join('\n\n');
}
