/** A table as a data set. */
import { OnecycleError } from '../../../errors.js';
import { allocate } from '../../../numbers/memory.js';
import type { TableSource } from '../../table/table.js';
import type { Dataset } from '../../types.js';
import { TableEncoder } from './encode.js';
import { fitTable, type TableRoles } from './fit.js';
export type { TableRoles } from './fit.js';
import { featuresOf, targetOf, type TableProcessing } from './spec.js';

/**
 * Fits a table's processing to the rows that train, and encodes all rows: two passes over its parts.
 * @throws OnecycleError `bad_data` as `fitTable` and `encodeTable`
 */
export async function openTable(
  source: TableSource,
  train: Int32Array,
  roles: TableRoles,
): Promise<{ dataset: Dataset; processing: TableProcessing }> {
  const { processing, rows } = await fitTable(source, train, roles);
  return { processing, dataset: await encodeTable(source, rows, processing) };
}

/**
 * All rows of a table by a processing that was fitted, on other rows perhaps, in memory that other threads see too.
 * @throws OnecycleError `bad_data` where a column is missing or of another type, a target is missing or unknown, or a
 *   number is too large for float32
 */
export async function encodeTable(source: TableSource, rows: number, processing: TableProcessing): Promise<Dataset> {
  const encoder = new TableEncoder(processing);
  const target = targetOf(processing);
  const { width } = encoder;
  const height = target.kind === 'classes' ? 1 : target.outputs;
  const x = new Float32Array(allocate(4 * rows * width), 0, rows * width);
  const memory = allocate(4 * rows * height);
  const y = target.kind === 'classes' ? new Int32Array(memory, 0, rows) : new Float32Array(memory, 0, rows * height);
  let first = 0;
  for await (const part of source.parts()) {
    const end = first + part.rows;
    if (end > rows) throw changed(rows);
    encoder.encode(part, x.subarray(first * width, end * width));
    encoder.encodeTargets(part, first, y.subarray(first * height, end * height));
    first = end;
  }
  if (first < rows) throw changed(rows);
  return { rows, x_shape: [width], target, features: featuresOf(processing), x, y };
}

const changed = (rows: number): OnecycleError =>
  new OnecycleError('bad_data', `The table has another number of rows than before, which was ${rows}`);
