/** Parquet, by hyparquet. */
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { TableBuilder } from '../table/builder.js';
import type { Table, TableSource } from '../table/table.js';
import type { Format, FoundReading } from './format.js';
import { cellOf } from './values.js';
import { invalidFile, messageOf } from './problems.js';
import type { FileContent, ReadColumn, Reading } from './reading.js';

/** Values that a part has at most: numbers as JavaScript has them, before they are a column. */
const valuesPerPart = 2 ** 22;
const pandasIndex = /^__index_level_\d+__$/;

/** Reads the file's own description of its columns. @throws OnecycleError `invalid_dataset` */
async function find(from: FileContent): Promise<FoundReading> {
  const { metadata } = await openParquet(from);
  const notes: string[] = [];
  const columns: ReadColumn[] = [];
  for (const { element, nested } of topLevel(metadata.schema)) {
    const type = nested || element.repetition_type === 'REPEATED' ? null : typeOf(element);
    if (pandasIndex.test(element.name)) notes.push(`${element.name} is the index of pandas; it was left out.`);
    else if (type === null)
      notes.push(`Column ${JSON.stringify(element.name)} holds neither numbers, text nor dates; it was left out.`);
    else columns.push({ name: element.name, ...type });
  }
  if (columns.length === 0) throw invalidFile('', 'The file has no column of numbers, text or dates');
  return { reading: { format: 'parquet', columns }, notes };
}

async function openParquet(from: FileContent): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  const file = typeof from === 'string' ? await asyncBufferFromFile(from) : bufferOf(from);
  try {
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (error) {
    throw damaged(error);
  }
}

function bufferOf(bytes: Uint8Array): AsyncBuffer {
  const whole = new Uint8Array(bytes).buffer;
  return { byteLength: whole.byteLength, slice: (start, end) => whole.slice(start, end) };
}

const damaged = (error: unknown): Error =>
  invalidFile('', `The Parquet file cannot be read; it may be truncated or damaged: ${messageOf(error)}`, error);

/** The columns of the root; of one that has others inside, these are passed over. */
function topLevel(schema: readonly SchemaElement[]): { element: SchemaElement; nested: boolean }[] {
  const found: { element: SchemaElement; nested: boolean }[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let i = 0; i < (schema[at].num_children ?? 0); i++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at))
    found.push({ element: schema[at], nested: (schema[at].num_children ?? 0) > 0 });
  return found;
}

/** null: what a table here has no type for. */
function typeOf({
  type,
  logical_type: logical,
  converted_type: converted,
}: SchemaElement): Omit<ReadColumn, 'name'> | null {
  const meaning = logical?.type ?? converted ?? '';
  if (/^(DATE|TIMESTAMP)/.test(meaning) || type === 'INT96') return { type: 'date' };
  if (/^(INTERVAL|BSON|VARIANT|GEO|FILE)/.test(meaning)) return null;
  if (type === 'BOOLEAN' || type === 'BYTE_ARRAY') return meaning === 'DECIMAL' ? { type: 'number' } : { type: 'text' };
  if (type === 'FIXED_LEN_BYTE_ARRAY') {
    if (meaning === 'UUID') return { type: 'text' };
    return meaning === 'DECIMAL' || meaning === 'FLOAT16' ? { type: 'number' } : null;
  }
  return { type: 'number', integer: /^INT/.test(type ?? '') && meaning !== 'DECIMAL' };
}

/** The columns of a reading that the file has. `parts` throws OnecycleError `invalid_dataset`. */
const read = (from: FileContent, { columns }: Reading): TableSource => ({
  parts: () => partsOf(from, columns),
});

async function* partsOf(from: FileContent, wanted: readonly ReadColumn[]): AsyncGenerator<Table> {
  const { file, metadata } = await openParquet(from);
  const there = new Set(topLevel(metadata.schema).map(({ element }) => element.name));
  const columns = wanted.filter(({ name }) => there.has(name));
  const rowsAtOnce = Math.max(4096, Math.floor(valuesPerPart / Math.max(1, columns.length)));
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    for (let start = groupStart; start < groupEnd; start += rowsAtOnce) {
      const end = Math.min(groupEnd, start + rowsAtOnce);
      const parts: Table['columns'] = [];
      for (const column of columns) parts.push(await readColumn(file, metadata, column, start, end));
      yield { rows: end - start, columns: parts };
    }
    groupStart = groupEnd;
  }
}

/** One column of some rows, so that no more than one is there as JavaScript's values. */
async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: ReadColumn,
  rowStart: number,
  rowEnd: number,
): Promise<Table['columns'][number]> {
  const builder = new TableBuilder([column], rowEnd - rowStart);
  try {
    await parquetRead({
      file,
      metadata,
      columns: [column.name],
      rowStart,
      rowEnd,
      compressors,
      // Pages come whole: some of their rows may be another part's.
      onChunk: ({ columnData, rowStart: first }) => {
        const [from, to] = [Math.max(0, rowStart - first), Math.min(columnData.length, rowEnd - first)];
        for (let i = from; i < to; i++) {
          builder.set(0, cellOf(columnData[i], column));
          builder.next();
        }
      },
    });
  } catch (error) {
    throw damaged(error);
  }
  const { rows, columns } = builder.take();
  if (rows !== rowEnd - rowStart) throw damaged(new Error(`${column.name} has ${rows} of ${rowEnd - rowStart} values`));
  return columns[0];
}

/** Parquet. */
export const parquet: Format = { find, read };
