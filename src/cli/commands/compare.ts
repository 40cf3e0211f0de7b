/** `onecycle compare`: what differs between jobs, and what each has come to. */
import type { Command } from 'commander';
import type { JobRecord } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { CliError } from '../exit-codes.js';
import { differences } from '../differences.js';
import { jobIds, recordsOf } from '../refs.js';
import { cell, fixed } from '../terminal/format.js';
import { print, printJson } from '../terminal/out.js';
import { table } from '../terminal/table.js';
import { secondsOf } from '../watch/summary.js';

/** Adds the command. */
export function compareCommand(program: Command): void {
  clientCommand(program, 'compare', 'compare jobs: what differs in their specs, their results side by side')
    .argument('<id...>', 'two or more ids, prefixes of ids, @last, @last~1')
    .action(compare);
}

async function compare(refs: readonly string[], options: Common): Promise<void> {
  const client = connect(options);
  const ids = await jobIds(client, refs);
  if (ids.length < 2) throw new CliError('Give two jobs or more: onecycle compare @last~1 @last');
  const records = await recordsOf(client, ids);
  const spec = differences(records.map(({ spec }) => withoutLabels(spec)));
  const results = resultRows(records);
  if (options.json) {
    printJson({ jobs: ids, spec, results: Object.fromEntries(results) });
    return;
  }
  const head = ['', ...records.map(({ id, name }) => name ?? id.slice(0, 12))];
  const differing = Object.entries(spec).map(([path, values]) => [path, ...values.map(cell)]);
  print(differing.length === 0 ? 'Their specs are the same.' : table(head, differing));
  print(
    `\n${table(
      head,
      results.map(([name, values]) => [name, ...values.map((value) => shown(value, name === 'seconds' ? 2 : 6))]),
      records.map((_, i) => i + 1),
    )}`,
  );
}

/** Names and tags are of no consequence for what is trained. */
const withoutLabels = ({ name: _name, tags: _tags, ...spec }: JobRecord['spec'] & { name?: unknown; tags?: unknown }) =>
  spec;

type Row = [name: string, values: (string | number | null)[]];

function resultRows(records: readonly JobRecord[]): Row[] {
  const metrics = [...new Set(records.flatMap(({ result }) => Object.keys(result?.metrics ?? {})))];
  const suggestions = [...new Set(records.flatMap(({ result }) => Object.keys(result?.suggestions ?? {})))];
  const rows: Row[] = [
    ['status', records.map(({ status }) => status)],
    ['train_loss', records.map(({ result }) => result?.train_loss ?? null)],
    ['valid_loss', records.map(({ result }) => result?.valid_loss ?? null)],
    ...metrics.map((name): Row => [name, records.map(({ result }) => result?.metrics[name] ?? null)]),
    ...suggestions.map((name): Row => [name, records.map(({ result }) => suggestion(result, name))]),
    ['rows_per_second', records.map(({ throughput }) => throughput && Math.round(throughput.rows_per_second))],
    ['seconds', records.map(secondsOf)],
  ];
  return rows.filter(([, values]) => values.some((value) => value !== null));
}

function suggestion(result: JobRecord['result'], name: string): number | null {
  const all: Readonly<Record<string, number | null | undefined>> = result?.suggestions ?? {};
  return all[name] ?? null;
}

const shown = (value: string | number | null, digits: number): string =>
  typeof value !== 'number'
    ? (value ?? '-')
    : Number.isInteger(value)
      ? value.toLocaleString('en')
      : fixed(value, digits);
