/** `onecycle metrics`: a job's curves, as a table of epochs or as a file. */
import type { Command } from 'commander';
import type { Metrics, MetricsFormat, MetricsQuery } from '../../client/index.js';
import { clientCommand, connect, number, type Common } from '../command.js';
import { CliError } from '../exit-codes.js';
import { nameOf, notToTerminal, save } from '../files.js';
import { jobId } from '../refs.js';
import { print, printJsonLine, say } from '../terminal/out.js';
import { style } from '../terminal/style.js';
import { epochTable } from '../watch/epoch-table.js';

const formats = ['csv', 'jsonl', 'parquet', 'tensorboard'] as const satisfies readonly MetricsFormat[];
const binary: readonly MetricsFormat[] = ['parquet', 'tensorboard'];

type Options = Common & MetricsQuery & Partial<Record<MetricsFormat, true>> & { output?: string };

/** Adds the command. */
export function metricsCommand(program: Command): void {
  clientCommand(program, 'metrics', 'print the table of epochs, or the curves as CSV, JSON, Parquet, …')
    .argument('[id]', 'its id, a prefix of it, @last', '@last')
    .option('--csv', 'the curves as CSV, one row per iteration')
    .option('--jsonl', 'the curves as JSON lines')
    .option('--parquet', 'the curves as Parquet')
    .option('--tensorboard', "the curves as TensorBoard's event file")
    .option(
      '-o, --output <file>',
      'write to a file instead of standard output; . is one by the name that the server gives',
    )
    .option('--from <iteration>', 'the first iteration', number)
    .option('--to <iteration>', 'the last iteration', number)
    .option('--points <n>', 'at most this many iterations; no spike is lost', number)
    .action(metrics);
}

async function metrics(ref: string, options: Options): Promise<void> {
  const client = connect(options);
  const { from, to, points, output, json } = options;
  const asked = formats.filter((name) => options[name]);
  const format = asked.at(0);
  if (asked.length + Number(json ?? false) > 1)
    throw new CliError(`Give one of --json, ${formats.map((name) => `--${name}`).join(', ')}.`);
  const job = await client.jobs.get(await jobId(client, ref));
  const part = { from, to, points };
  if (format !== undefined) {
    if (output === undefined && binary.includes(format)) notToTerminal(format);
    const response = await job.metricsAs(format, part);
    return save(response, output === '.' ? nameOf(response, job.id) : (output ?? '-'));
  }
  if (output !== undefined) throw new CliError('--output needs a format: --csv, --jsonl, --parquet or --tensorboard.');
  const columns = await job.metrics(part);
  if (json) {
    printJsonLine(columns);
    return;
  }
  printEpochs(columns);
}

function printEpochs({ epochs, iteration }: Metrics): void {
  if (epochs.length === 0) {
    say(`No epoch has ended yet. ${iteration.length} iterations are recorded: --csv prints them.`);
    return;
  }
  const table = epochTable([...new Set(epochs.flatMap(({ metrics: values }) => Object.keys(values)))]);
  print(style('dim', table.head));
  epochs.forEach((epoch) => print(table.row(epoch)));
}
