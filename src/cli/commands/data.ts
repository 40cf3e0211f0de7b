/** `onecycle data`: uploaded data sets. */
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { CsvOptions, Dataset, UploadProgress } from '../../client/index.js';
import { clientCommand, connect, number, type Common } from '../command.js';
import { datasetId } from '../refs.js';
import { each } from '../report.js';
import { unreadable } from '../spec-file.js';
import { age, bytes, cell, short } from '../terminal/format.js';
import { print, printJson, say } from '../terminal/out.js';
import { pairs, table } from '../terminal/table.js';

interface UploadOptions extends Common {
  name?: string;
  delimiter?: string;
  encoding?: CsvOptions['encoding'];
  decimal?: CsvOptions['decimal'];
  /** False with --no-header; true is the default, and then the server guesses. */
  header: boolean;
}

/** Adds the commands. */
export function dataCommand(program: Command): void {
  const data = program.command('data').description('upload data sets, list, show and delete them');
  clientCommand(data, 'upload', 'upload a CSV, JSON lines, Parquet, Arrow, .npy, .npz, or a zip of pictures')
    .argument('<file>', 'the file; - is standard input')
    .option('-n, --name <name>', 'its name (default: the name of the file)')
    .option('--delimiter <character>', 'for a CSV: the separator of values (default: detected)')
    .option('--decimal <character>', 'for a CSV: the decimal separator (default: detected)')
    .option('--encoding <encoding>', 'for a CSV: utf-8, utf-16le, utf-16be, windows-1252 (default: detected)')
    .option('--no-header', 'for a CSV: the first row has no column names')
    .action(upload);
  clientCommand(data, 'list', 'list the data sets, newest first')
    .alias('ls')
    .option('-n, --limit <n>', 'how many to list at most', number, 20)
    .action(list);
  clientCommand(data, 'show', 'show a data set: columns or classes, and the first rows')
    .argument('<id>', 'its id, or a prefix of it')
    .action(show);
  clientCommand(data, 'delete', 'delete data sets')
    .alias('rm')
    .argument('<id...>', 'ids, or prefixes of ids')
    .action(remove);
}

async function upload(file: string, { json, url, header, ...labels }: UploadOptions): Promise<void> {
  const client = connect({ url });
  const progress = showProgress();
  try {
    const record = await client.datasets.upload(await content(file), {
      name: file === '-' ? 'standard input' : basename(file),
      ...labels,
      ...(!header && { header }),
      onProgress: progress.on,
    });
    progress.stop();
    if (json) {
      printJson(record);
      return;
    }
    print(record.id);
    say(`${record.rows.toLocaleString('en')} ${record.kind === 'images' ? 'pictures' : 'rows'}: ${contents(record)}`);
    record.notes.forEach((note) => say(`Note: ${note}`));
  } finally {
    progress.stop();
  }
}

async function content(file: string): Promise<Blob | ReadableStream<Uint8Array>> {
  if (file === '-') return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  await stat(file).catch(unreadable(file));
  return openAsBlob(file);
}

/** A bar on a terminal, else nothing: an upload is one thing. */
function showProgress(): { on: (progress: UploadProgress) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { on: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    format: '{bar} {percentage}%  {done}',
    barsize: 30,
  });
  let begun = false;
  return {
    on({ loaded, total }) {
      if (total === undefined) return;
      if (!begun) bar.start(total, 0, { done: '' });
      begun = true;
      bar.update(loaded, { done: `${bytes(loaded)} of ${bytes(total)}` });
    },
    stop: () => bar.stop(),
  };
}

async function list({ limit, ...common }: Common & { limit: number }): Promise<void> {
  const page = await connect(common).datasets.list({ limit });
  if (common.json) {
    printJson(page);
    return;
  }
  if (page.data.length === 0) {
    say('There are no data sets. To upload one: onecycle data upload FILE');
    return;
  }
  const rows = page.data.map((record) => [
    record.id,
    record.name,
    record.kind,
    record.rows.toLocaleString('en'),
    bytes(record.bytes),
    age(Date.now() - Date.parse(record.created_at)),
  ]);
  print(table(['ID', 'NAME', 'KIND', 'ROWS', 'SIZE', 'AGE'], rows, [3, 4]));
}

async function show(ref: string, options: Common): Promise<void> {
  const client = connect(options);
  const record = await client.datasets.get(await datasetId(client, ref));
  if (options.json) {
    printJson(record);
    return;
  }
  const { id, name, kind, format, rows, created_at, x_shape, columns = [], classes = [], preview, notes } = record;
  print(
    pairs([
      ['id', id],
      ['name', name],
      ['kind', `${kind} (${format}, ${bytes(record.bytes)})`],
      ['rows', rows.toLocaleString('en')],
      ['shape', x_shape && JSON.stringify(x_shape)],
      ['uploaded', created_at],
    ]),
  );
  if (columns.length > 0)
    print(`\n${table(['COLUMN', 'TYPE', 'MISSING', 'UNIQUE', 'VALUES'], columns.map(columnRow), [2, 3])}`);
  if (classes.length > 0)
    print(
      `\n${table(
        ['CLASS', 'ROWS'],
        classes.map((each) => [each.name, String(each.rows)]),
        [1],
      )}`,
    );
  if (kind === 'table' && preview.length > 0) {
    const names = Object.keys(preview[0]);
    print(
      `\n${table(
        names,
        preview.slice(0, 5).map((row) => names.map((each) => cell(row[each]))),
      )}`,
    );
  }
  notes.forEach((note) => say(`Note: ${note}`));
}

function columnRow({
  name,
  type,
  missing,
  unique,
  min,
  max,
  values,
}: NonNullable<Dataset['columns']>[number]): string[] {
  const shown =
    typeof min === 'number' && typeof max === 'number'
      ? `${short(min)} to ${short(max)}`
      : (values?.slice(0, 6).join(', ') ?? '');
  return [name, type, String(missing), String(unique), shown];
}

const contents = ({ kind, columns = [], classes = [], x_shape = [] }: Dataset): string =>
  kind === 'table'
    ? `columns ${columns.map(({ name }) => name).join(', ')}`
    : kind === 'images'
      ? `classes ${classes.map(({ name }) => name).join(', ')}`
      : `arrays of shape ${JSON.stringify(x_shape)}`;

async function remove(refs: readonly string[], options: Common): Promise<void> {
  const client = connect(options);
  const deleted: string[] = [];
  await each(refs, async (ref) => {
    const id = await datasetId(client, ref);
    await client.datasets.delete(id);
    deleted.push(id);
    if (!options.json) print(`${id} deleted`);
  });
  if (options.json) printJson({ deleted });
}
