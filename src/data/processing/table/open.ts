/** A table as a data set. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocate } from '../../../numbers/memory.js';
import { fileRows, writeRows } from '../../file-rows.js';
import { changed } from '../../table/gather.js';
import type { TableSource } from '../../table/table.js';
import type { Dataset } from '../../types.js';
import { TableEncoder } from './encode.js';
import { fitTable, type TableRoles } from './fit.js';
import { featuresOf, targetOf, type TableProcessing } from './spec.js';

export type { TableRoles } from './fit.js';

/** Where rows are kept. */
export interface Room {
  /** How many there are. */
  rows: number;
  /** Bytes of inputs that may lie in memory; more go to a file. Default: 512 MiB. */
  memoryBytes?: number;
  /** Folder for that file, whose owner removes it; left out: a new one among the temporary files. */
  scratch?: string | undefined;
}

const defaultMemoryBytes = 512 * 2 ** 20;

/**
 * Fits a table's processing to the rows that train, and encodes all rows: two passes over its parts.
 * @throws OnecycleError `bad_data` as `fitTable` and `encodeTable`
 */
export async function openTable(
  source: TableSource,
  train: Int32Array,
  roles: TableRoles,
  room: Room,
): Promise<{ dataset: Dataset; processing: TableProcessing }> {
  const processing = await fitTable(source, train, roles);
  return { processing, dataset: await encodeTable(source, processing, room) };
}

/**
 * All rows of a table by a processing that was fitted, on other rows perhaps. Inputs that are too many for memory are
 * written to a file, which loaders read by position.
 * @throws OnecycleError `bad_data` where a column is missing or of another type, a target is missing or unknown, or
 *   there are not so many rows
 */
export async function encodeTable(source: TableSource, processing: TableProcessing, room: Room): Promise<Dataset> {
  const { rows, memoryBytes = defaultMemoryBytes, scratch } = room;
  const encoder = new TableEncoder(processing);
  const target = targetOf(processing);
  const { width } = encoder;
  const y = emptyTargets(rows, target);
  const parts = encodedParts(source, encoder, y, rows);
  const info = { rows, x_shape: [width], target, features: featuresOf(processing), y };
  if (4 * rows * width <= memoryBytes) {
    const x = new Float32Array(allocate(4 * rows * width), 0, rows * width);
    let at = 0;
    for await (const part of parts) {
      x.set(part, at);
      at += part.length;
    }
    return { ...info, x };
  }
  const path = join(scratch ?? (await mkdtemp(join(tmpdir(), 'onecycle-rows-'))), 'rows.f32');
  await writeRows(path, width, parts);
  return { ...info, x: await fileRows({ path, dtype: 'float32', width }, rows) };
}

function emptyTargets(rows: number, target: Dataset['target']): Dataset['y'] {
  if (target.kind === 'classes') return new Int32Array(allocate(4 * rows), 0, rows);
  return new Float32Array(allocate(4 * rows * target.outputs), 0, rows * target.outputs);
}

/** The inputs of a table's rows, part by part; their targets are written to `y` on the way. */
async function* encodedParts(
  source: TableSource,
  encoder: TableEncoder,
  y: Dataset['y'],
  rows: number,
): AsyncGenerator<Float32Array> {
  const height = y.length / rows;
  let first = 0;
  for await (const part of source.parts()) {
    const end = first + part.rows;
    if (end > rows) throw changed(rows);
    const x = new Float32Array(part.rows * encoder.width);
    encoder.encode(part, x);
    encoder.encodeTargets(part, first, y.subarray(first * height, end * height));
    yield x;
    first = end;
  }
  if (first < rows) throw changed(rows);
}
