/** `onecycle predict`: what a trained model says of rows, a picture, a CSV. */
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { PredictRequest, Predictions } from '../../client/index.js';
import { clientCommand, connect, type Common } from '../command.js';
import { CliError } from '../exit-codes.js';
import { jobId } from '../refs.js';
import { unreadable } from '../spec-file.js';
import { fixed } from '../terminal/format.js';
import { print, printJson } from '../terminal/out.js';
import { table } from '../terminal/table.js';

interface Options extends Common {
  checkpoint?: string;
  csv?: true;
}

const types: Partial<Record<string, string>> = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
};
/** Classes that are told apart in the table; the rest is in --csv and --json. */
const mostClasses = 12;

/** Adds the command. */
export function predictCommand(program: Command): void {
  clientCommand(program, 'predict', 'predict rows (JSON, JSON lines, CSV) or a picture with a trained model')
    .argument('<id>', 'the job: its id, a prefix of it, @last')
    .argument('[file]', 'rows or a picture; - is standard input', '-')
    .option('-c, --checkpoint <checkpoint>', 'use a checkpoint: an id, a name, last, best')
    .option('--csv', 'print CSV')
    .action(predict);
}

async function predict(ref: string, file: string, options: Options): Promise<void> {
  const client = connect(options);
  const job = await client.jobs.get(await jobId(client, ref));
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file).catch(unreadable(file)));
  const { checkpoint } = options;
  const predictions = await job.predict(inputOf(bytes, extname(file).toLowerCase(), file), { checkpoint });
  if (options.json) {
    printJson(predictions);
    return;
  }
  const { head, rows } = cells(predictions, options.csv ? Infinity : mostClasses);
  if (options.csv) {
    [head, ...rows].forEach((row) => print(row.map(csvCell).join(',')));
    return;
  }
  print(
    table(
      head,
      rows,
      head.map((_, i) => i).filter((i) => head[i] !== 'class'),
    ),
  );
}

/** What is in a file: by its name, and where that says nothing, by its first character. */
function inputOf(bytes: Buffer, extension: string, file: string): PredictRequest | Blob {
  const type = types[extension];
  if (type !== undefined) return new Blob([new Uint8Array(bytes)], { type });
  const start = bytes.toString('utf8', 0, 200).trimStart();
  if (/^[[{]/.test(start)) return requestOf(bytes.toString('utf8'), file);
  // Pictures begin with bytes that no CSV has.
  const picture = bytes.subarray(0, 200).some((byte) => byte === 0 || byte > 0xf4) || start.startsWith('\ufffd');
  return new Blob([new Uint8Array(bytes)], { type: picture ? 'application/octet-stream' : 'text/csv' });
}

/** `{"rows": […]}` and `{"x": […]}` are requests already; a list is of the rows, and so are lines of JSON. */
function requestOf(text: string, file: string): PredictRequest {
  const value = parse(text, file);
  const rows: unknown[] = Array.isArray(value) ? value : [value];
  const named = rows.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));
  const request = isRequest(value) ? value : named ? { rows } : { x: typeof rows[0] === 'number' ? [rows] : rows };
  // What stands in the rows, the server checks.
  return request as PredictRequest;
}

/** A row of a table may have a column named x, which is then no list. */
const isRequest = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([name, rows]) => (name === 'rows' || name === 'x') && Array.isArray(rows)) &&
  !Array.isArray(value);

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (whole) {
    try {
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      throw new CliError(`${file === '-' ? 'Standard input' : file} is not JSON: ${(whole as Error).message}`);
    }
  }
}

function cells({ classes, targets, data }: Predictions, most: number): { head: string[]; rows: string[][] } {
  const shown = classes !== null && classes.length <= most ? classes : [];
  const [first] = data as (Predictions['data'][number] | undefined)[];
  const values =
    first && 'values' in first ? (targets ?? first.values.map((_, i) => (i === 0 ? 'value' : `value_${i}`))) : [];
  return {
    head: ['row', ...(classes ? ['class', ...(shown.length > 0 ? shown : ['probability'])] : values)],
    rows: data.map((row, i) => [
      String(i),
      ...('class' in row ? classCells(row, shown.length > 0) : row.values.map(String)),
    ]),
  };
}

const classCells = (row: { class: string; probabilities: number[] }, all: boolean): string[] => [
  row.class,
  ...(all ? row.probabilities : [Math.max(...row.probabilities)]).map((probability) => fixed(probability, 4)),
];

const csvCell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
