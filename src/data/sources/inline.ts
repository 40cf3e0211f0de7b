/** Rows that come with a request. They may be millions of numbers: they have a reader of their own, not a schema. */
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { invalidSpec, invalidSpecs, OnecycleError, type FieldProblem } from '../../errors.js';
import { findMisfit, flattenInto, product, shapeOf } from '../../numbers/nested.js';
import { AnyList, Count, Nested, Sha256, strict } from '../../schema/fields.js';
import { child, isObject } from '../../schema/json.js';
import { doubtOfClasses } from '../integer-classes.js';
import { TargetSchema, type MemoryDataset, type DatasetInfo, type Target } from '../types.js';
import type { Source } from './source.js';

/** What a request has. */
export const InlineSchema = strict(
  {
    inline: strict({
      x: AnyList('Rows first; images are [height, width, channels]', Nested),
      y: AnyList(
        'One target per row: integers are classes, other numbers are values to predict. Without a `loss`, integers must be classes ' +
          'without gaps: every class from 0 to the highest must occur',
        Nested,
      ),
    }),
  },
  { title: 'InlineDataset', description: 'Rows in the request itself' },
);

/** What a record has: the rows are kept in storage. */
export const InlineRowsSchema = strict(
  {
    inline: strict({
      rows: Count('Number of rows'),
      x_shape: Type.Array(Count('Length of an axis'), { description: 'Shape of one row' }),
      target: TargetSchema,
      sha256: Sha256('The JSON of the rows'),
    }),
  },
  { title: 'InlineRows', description: 'Rows that were part of the request, by their shape and hash' },
);

/** Rows that came with a request, and are read from a file. What is wrong with them was told when they came. */
export const inline: Source<DatasetInfo> = {
  name: 'inline',
  problems: () => [],
  describe: ({ rows, x_shape, target }) => ({ rows, x_shape, target }),
  load: (_rows, { inline: given, inlineFile, kind }) => parseInline(given ?? readJson(inlineFile), kind),
};

const pointer = '/dataset/inline';
/** Enough to see what is wrong; a table may be wrong in every row. */
const maxProblems = 10;

/**
 * Reads a data set that came with a request: `x` rows first (numbers, or nested lists of one shape), `y` one per row.
 * A flat list of integers is classes, 0 to its maximum; a flat list of other numbers, or rows of numbers, are values.
 * `kind` (what the loss needs) decides where it is given; where it is not, classes must have no gap.
 * @throws OnecycleError `invalid_spec`, pointers from the job's spec on (`/dataset/inline/x/3`)
 */
export function parseInline(given: unknown, kind?: Target['kind']): MemoryDataset {
  const { x, y } = readLists(given);
  const { x_shape, values } = readRows(x, `${pointer}/x`);
  return { rows: x.length, x_shape: x_shape.length === 0 ? [1] : x_shape, x: values, ...readTargets(y, kind) };
}

function readJson(file: string | undefined): unknown {
  if (file === undefined) throw new OnecycleError('bad_data', 'The inline data set has no file');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new OnecycleError('bad_data', 'The inline data set could not be read', [], { cause });
  }
}

function readLists(given: unknown): { x: unknown[]; y: unknown[] } {
  if (!isObject(given)) throw invalidSpec(pointer, 'inline must be an object {x, y}');
  const unknown = Object.keys(given).filter((key) => key !== 'x' && key !== 'y');
  if (unknown.length > 0)
    throw invalidSpecs(
      unknown.map((key) => ({
        pointer: child(pointer, key),
        detail: `inline has no field ${key}; its fields are x and y`,
      })),
    );
  const [x, y] = [readList(given.x, 'x'), readList(given.y, 'y')];
  if (x.length !== y.length)
    throw invalidSpec(`${pointer}/y`, `y must have as many rows as x: ${x.length}, not ${y.length}`);
  return { x, y };
}

function readList(value: unknown, name: string): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalidSpec(`${pointer}/${name}`, `${name} must be a list of at least one row`);
}

/** Rows that all have the shape of the first one. */
function readRows(rows: unknown[], at: string): { x_shape: number[]; values: Float32Array } {
  const x_shape = shapeOf(rows[0]);
  if (x_shape.includes(0)) throw invalidSpec(`${at}/0`, 'A row must have at least one number');
  checkRows(rows, at, (row) => findMisfit(row, x_shape));
  const values = new Float32Array(rows.length * product(x_shape));
  flattenInto(values, rows);
  return { x_shape, values };
}

function checkRows(
  rows: unknown[],
  at: string,
  misfitOf: (row: unknown) => { path: number[]; expected: string } | undefined,
): void {
  const problems: FieldProblem[] = [];
  for (const [i, row] of rows.entries()) {
    const misfit = misfitOf(row);
    if (misfit)
      problems.push({
        pointer: [at, i, ...misfit.path].join('/'),
        detail: `row ${i} must be ${misfit.expected}${misfit.path.length > 0 ? ' here' : ''}`,
      });
    if (problems.length === maxProblems) break;
  }
  if (problems.length > 0) throw invalidSpecs(problems);
}

function readTargets(y: unknown[], kind?: Target['kind']): Pick<MemoryDataset, 'target' | 'y'> {
  const wanted = kind ?? (y.every(Number.isInteger) ? 'classes' : 'values');
  if (wanted === 'values') return readValues(y);
  const read = readClasses(y);
  const doubt = kind === undefined ? doubtOfClasses(read.y) : null;
  if (doubt !== null) throw invalidSpec(`${pointer}/y`, `y ${doubt}`);
  return read;
}

function readClasses(y: unknown[]): Pick<MemoryDataset, 'target' | 'y'> {
  const isClass = (label: unknown): label is number =>
    Number.isInteger(label) && Number(label) >= 0 && Number(label) < 2 ** 31 - 1;
  const expected = 'a class, a non-negative integer (for other numbers choose the loss mse)';
  checkRows(y, `${pointer}/y`, (label) => (isClass(label) ? undefined : { path: [], expected }));
  const labels = Int32Array.from(y.filter(isClass));
  return {
    target: { kind: 'classes', classes: labels.reduce((max, label) => Math.max(max, label), 0) + 1 },
    y: labels,
  };
}

function readValues(y: unknown[]): Pick<MemoryDataset, 'target' | 'y'> {
  const { x_shape, values } = readRows(y, `${pointer}/y`);
  if (x_shape.length > 1) throw invalidSpec(`${pointer}/y/0`, 'A row of y must be a number or a list of numbers');
  return { target: { kind: 'values', outputs: x_shape[0] ?? 1 }, y: values };
}
