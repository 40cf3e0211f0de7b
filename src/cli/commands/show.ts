/** `onecycle show`: a job and what has become of it. */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { JobRecord } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { jobId } from '../refs.js';
import { print, printJson } from '../terminal/out.js';
import { statusText, style } from '../terminal/style.js';
import { pairs } from '../terminal/table.js';
import { errorLines, resultText } from '../watch/summary.js';

/** Adds the command. */
export function showCommand(program: Command): void {
  clientCommand(program, 'show', 'show a job: its state, its result, why it failed, its spec')
    .argument('[id]', 'its id, a prefix of it, @last', '@last')
    .option('--spec', 'print only its spec, as YAML for submit')
    .action(show);
}

async function show(ref: string, options: Common & { spec?: true }): Promise<void> {
  const client = connect(options);
  const { record } = await client.jobs.get(await jobId(client, ref));
  if (options.json) {
    printJson(options.spec ? record.spec : record);
    return;
  }
  if (!options.spec) {
    print(facts(record));
    errorLines(record).forEach((line) => print(line));
    print(`\n${style('dim', 'spec')}`);
  }
  print(stringify(record.spec, { lineWidth: 120, flowCollectionPadding: false }).trimEnd());
}

function facts(record: JobRecord): string {
  const { progress, engine, n_row, lr_find, resumed = [] } = record;
  return pairs([
    ['id', style('bold', record.id)],
    ['name', record.name],
    ['tags', tagsText(record)],
    ['status', statusText(record.status) + (record.queue ? ` (${record.queue.reason})` : '')],
    ['progress', progressText(progress)],
    ['created', record.created_at],
    ['started', record.started_at],
    ['finished', record.finished_at],
    ['engine', engine && `${engine.name} ${engine.version} on ${engine.device}`],
    ['rows', n_row && `${n_row.train} for training, ${n_row.valid} for validation`],
    ['rate', lr_find && `${lr_find.value ?? 'not yet found'}, by ${lr_find.suggestion} of ${lr_find.job}`],
    ['retry of', record.retry_of],
    ...resumed.map(({ attempt, iteration, equality }): [string, string] => [
      'resumed',
      `attempt ${attempt} from iteration ${iteration} (${equality})`,
    ]),
    ['result', resultText(record) || null],
  ]);
}

const tagsText = ({ tags }: JobRecord): string | null =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ') || null;

const progressText = ({ percent, epoch, n_epoch, iteration, n_iteration }: JobRecord['progress']): string =>
  `${Math.floor(percent)}%` +
  (n_epoch === null ? '' : `, epoch ${epoch} of ${n_epoch}`) +
  (n_iteration === null ? '' : `, iteration ${iteration} of ${n_iteration}`);
