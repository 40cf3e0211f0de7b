/** Arrow IPC, files (Feather) and streams, by apache-arrow. */
import { createReadStream, type ReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import {
  CompressionType,
  compressionRegistry,
  DataType,
  RecordBatchReader,
  type RecordBatch,
  type Vector,
} from 'apache-arrow';
import { decompressZstd } from 'hyparquet-compressors';
import { OnecycleError } from '../../errors.js';
import { TableBuilder } from '../table/builder.js';
import type { Table, TableSource } from '../table/table.js';
import type { Format, FoundReading } from './format.js';
import { cellOf } from './values.js';
import { invalidFile, messageOf } from './problems.js';
import type { FileContent, ReadColumn, Reading } from './reading.js';

compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompressZstd(bytes) });

/** Reads the file's own description of its columns. @throws OnecycleError `invalid_dataset` */
async function find(from: FileContent, format: 'arrow' | 'arrow_stream'): Promise<FoundReading> {
  const notes: string[] = [];
  const columns: ReadColumn[] = [];
  const { reader, close } = await openArrow(from, format);
  await close();
  for (const { name, type } of reader.schema.fields) {
    const known = typeOf(type as DataType);
    if (known) columns.push({ name, ...known });
    else notes.push(`Column ${JSON.stringify(name)} holds neither numbers, text nor dates; it was left out.`);
  }
  if (columns.length === 0) throw invalidFile('', 'The file has no column of numbers, text or dates');
  return { reading: { format, columns }, notes };
}

/** Opens the file; `close` in any case. */
async function openArrow(
  from: FileContent,
  format: string,
): Promise<{ reader: RecordBatchReader; close: () => Promise<void> }> {
  const source = typeof from !== 'string' ? from : format === 'arrow' ? await open(from) : createReadStream(from);
  const close = async (): Promise<void> => {
    if (source instanceof Uint8Array) return;
    // The reader may have closed it already.
    if ('pipe' in source) source.destroy();
    else await source.close().catch(() => undefined);
  };
  try {
    const reader = await readerOf(source);
    await reader.open();
    return { reader, close };
  } catch (error) {
    await close();
    throw damaged(error);
  }
}

/** The library has an overload for each. */
const readerOf = (source: FileHandle | ReadStream | Uint8Array): Promise<RecordBatchReader> =>
  source instanceof Uint8Array
    ? Promise.resolve(RecordBatchReader.from(source))
    : 'pipe' in source
      ? RecordBatchReader.from(source)
      : RecordBatchReader.from(source);

function damaged(error: unknown): unknown {
  if (error instanceof OnecycleError) return error;
  const message = messageOf(error);
  const detail = /lz4/i.test(message)
    ? 'The Arrow file is compressed with LZ4, which is not supported: write it with compression="zstd" or "uncompressed"'
    : `The Arrow file cannot be read; it may be truncated or damaged: ${message}`;
  return invalidFile('', detail, error);
}

/** null: what a table here has no type for. */
function typeOf(type: DataType): Omit<ReadColumn, 'name'> | null {
  if (DataType.isDictionary(type)) return typeOf(type.dictionary as DataType);
  if (DataType.isInt(type)) return { type: 'number', integer: true };
  if (DataType.isFloat(type)) return { type: 'number', integer: false };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBool(type)) return { type: 'text' };
  return DataType.isDate(type) || DataType.isTimestamp(type) ? { type: 'date' } : null;
}

/** The columns of a reading that the file has. `parts` throws OnecycleError `invalid_dataset`. */
const read = (from: FileContent, { format, columns }: Reading): TableSource => ({
  parts: () => partsOf(from, format, columns),
});

async function* partsOf(from: FileContent, format: string, wanted: readonly ReadColumn[]): AsyncGenerator<Table> {
  const { reader, close } = await openArrow(from, format);
  try {
    for await (const batch of reader) if (batch.numRows > 0) yield tableOf(batch, wanted);
  } catch (error) {
    throw damaged(error);
  } finally {
    await close();
  }
}

function tableOf(batch: RecordBatch, wanted: readonly ReadColumn[]): Table {
  const columns = wanted.flatMap((column) => {
    const vector = batch.getChild(column.name);
    return vector === null ? [] : [columnOf(vector, column)];
  });
  return { rows: batch.numRows, columns };
}

function columnOf(vector: Vector, column: ReadColumn): Table['columns'][number] {
  const builder = new TableBuilder([column], vector.length);
  for (let i = 0; i < vector.length; i++) {
    builder.set(0, cellOf(vector.get(i), column));
    builder.next();
  }
  return builder.take().columns[0];
}

/** Arrow's files. */
export const arrow: Format = { find: (from) => find(from, 'arrow'), read };
/** Arrow's streams. */
export const arrowStream: Format = { find: (from) => find(from, 'arrow_stream'), read };
