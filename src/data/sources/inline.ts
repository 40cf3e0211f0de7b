import { OnecycleError, type FieldProblem } from '../../errors.js';
import { findMisfit, flattenInto, product, shapeOf } from '../../numbers/nested.js';
import type { Dataset, Target } from '../types.js';

const pointer = '/dataset/inline';
/** Enough to see what is wrong; a table may be wrong in every row. */
const maxProblems = 10;

/**
 * Reads a data set that came with a request: `x` rows first (numbers, or nested lists of one shape), `y` one a row. A flat list of
 * integers is classes, 0 to its maximum; a flat list of other numbers, or rows of numbers, are values. `kind` (what the loss needs)
 * decides where it is given.
 * @throws OnecycleError invalid_spec, pointers from the job's spec on (`/dataset/inline/x/3`)
 */
export function parseInline(inline: unknown, kind?: Target['kind']): Dataset {
  const { x, y } = readLists(inline);
  const { x_shape, values } = readRows(x, `${pointer}/x`);
  return { rows: x.length, x_shape: x_shape.length === 0 ? [1] : x_shape, x: values, ...readTargets(y, kind) };
}

const fail = (problems: FieldProblem[]) =>
  new OnecycleError('invalid_spec', problems.map(({ detail }) => detail).join('; '), problems);

function readLists(inline: unknown): { x: unknown[]; y: unknown[] } {
  if (typeof inline !== 'object' || inline === null || Array.isArray(inline))
    throw fail([{ pointer, detail: 'inline must be an object {x, y}' }]);
  const unknown = Object.keys(inline).filter((key) => key !== 'x' && key !== 'y');
  if (unknown.length > 0)
    throw fail(
      unknown.map((key) => ({ pointer: `${pointer}/${key}`, detail: `inline has no field ${key}; it has x, y` })),
    );
  const given: { x?: unknown; y?: unknown } = inline;
  const [x, y] = [readList(given.x, 'x'), readList(given.y, 'y')];
  if (x.length !== y.length)
    throw fail([{ pointer: `${pointer}/y`, detail: `y must have as many rows as x: ${x.length}, not ${y.length}` }]);
  return { x, y };
}

function readList(value: unknown, name: string): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw fail([{ pointer: `${pointer}/${name}`, detail: `${name} must be a list of at least one row` }]);
}

/** Rows that all have the shape of the first one. */
function readRows(rows: unknown[], at: string): { x_shape: number[]; values: Float32Array } {
  const x_shape = shapeOf(rows[0]);
  if (x_shape.includes(0)) throw fail([{ pointer: `${at}/0`, detail: 'A row must have at least one number' }]);
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
        detail: `Row ${i}: here must be ${misfit.expected}`,
      });
    if (problems.length === maxProblems) break;
  }
  if (problems.length > 0) throw fail(problems);
}

function readTargets(y: unknown[], kind?: Target['kind']): Pick<Dataset, 'target' | 'y'> {
  const wanted = kind ?? (y.every(Number.isInteger) ? 'classes' : 'values');
  return wanted === 'classes' ? readClasses(y) : readValues(y);
}

function readClasses(y: unknown[]): Pick<Dataset, 'target' | 'y'> {
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

function readValues(y: unknown[]): Pick<Dataset, 'target' | 'y'> {
  const { x_shape, values } = readRows(y, `${pointer}/y`);
  if (x_shape.length > 1)
    throw fail([{ pointer: `${pointer}/y/0`, detail: 'A row of y must be a number or a list of numbers' }]);
  return { target: { kind: 'values', outputs: x_shape[0] ?? 1 }, y: values };
}
