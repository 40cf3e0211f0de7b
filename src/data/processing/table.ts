import { invalidRows, recoded } from '../../errors.js';
import { child } from '../../schema/json.js';
import { findReading, readTable } from '../files/read-table.js';
import type { Reading } from '../files/reading.js';
import type { Table } from '../table/table.js';
import { defineProcessing, type RawRows } from './processing.js';
import { TableEncoder } from './table/encode.js';
import { readRows } from './table/rows.js';
import { TableProcessingSchema, targetOf, widthOf, type TableProcessing } from './table/spec.js';

/** fastai's `TabularPandas` with `Categorify`, `FillMissing` and `Normalize`. Files of rows to predict are CSVs. */
export const table = defineProcessing({
  kind: 'table',
  schema: TableProcessingSchema,
  shape: (spec) => [widthOf(spec)],
  vocabulary: (spec) => ({
    target: targetOf(spec),
    names: spec.target.kind === 'classes' ? spec.target.values.map(String) : spec.target.names,
  }),
  async prepare(spec, raw) {
    const parts = await readParts(spec, raw);
    const encoder = encoderOf(spec);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const x = new Float32Array(rows * encoder.width);
    let at = 0;
    for (const part of parts) {
      encoder.encode(part, x.subarray(at));
      at += part.rows * encoder.width;
    }
    checkFinite(spec, x);
    return { rows, x };
  },
});

/** Of a processing that is kept, made once: that of a warm model, which answers again and again. */
const encoders = new WeakMap<TableProcessing, TableEncoder>();
function encoderOf(spec: TableProcessing): TableEncoder {
  const encoder = encoders.get(spec) ?? new TableEncoder(spec);
  encoders.set(spec, encoder);
  return encoder;
}

async function readParts(spec: TableProcessing, raw: RawRows): Promise<Table[]> {
  if ('rows' in raw && raw.rows.length > 0) return [readRows(spec, raw.rows)];
  if ('file' in raw) return readFile(spec, raw.file);
  const detail = 'must be a list of rows, each an object of values by column';
  throw invalidRows([{ pointer: '/rows', detail }]);
}

/** A CSV; its dialect is its own. */
async function readFile(spec: TableProcessing, file: Uint8Array): Promise<Table[]> {
  const parts: Table[] = [];
  try {
    const { csv } = (await findReading(file, 'csv')).reading;
    const reading: Reading = { format: 'csv', ...(csv && { csv }), columns: columnsOf(spec) };
    for await (const part of readTable(file, reading).parts()) parts.push(part);
  } catch (cause) {
    throw recoded(cause, 'invalid_dataset', 'invalid_rows');
  }
  const there = parts[0].columns.map(({ name }) => name);
  const missing = columnsOf(spec).filter(({ name }) => !there.includes(name));
  if (missing.length === 0) return parts;
  const names = missing.map(({ name }) => JSON.stringify(name)).join(', ');
  throw invalidRows([{ pointer: '', detail: `The CSV must also have the columns ${names}, named in its first row` }]);
}

/** The columns that a row is made of, as they were read for training where that is known. */
const columnsOf = ({ categorical, continuous, reading }: TableProcessing): Reading['columns'] =>
  [...categorical, ...continuous].map(
    ({ name, type }) => reading?.columns.find((column) => column.name === name) ?? { name, type },
  );

/** A number may be one that float32 has, and not be one once it is brought to the deviation of its column. */
function checkFinite(spec: TableProcessing, x: Float32Array): void {
  const width = widthOf(spec);
  const at = x.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  const column = spec.continuous[(at % width) - (width - spec.continuous.length)].name;
  const row = Math.floor(at / width);
  const detail = `${JSON.stringify(column)} of row ${row} must be closer to the values of the training rows`;
  throw invalidRows([{ pointer: child(`/rows/${row}`, column), detail }]);
}
