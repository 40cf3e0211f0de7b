/** What is found out of x and y in a `.npz`. */
import { child } from '../../schema/json.js';
import { maxElements } from '../../numbers/nested.js';
import { Npz } from '../files/npz.js';
import { isInteger, type NumpyHeader } from '../files/numpy.js';
import { invalidFile } from '../files/problems.js';
import { keptValues } from './column.js';
import type { ClassInfo, Profile } from './schema.js';

/** Reads all of it once, so that what breaks off is refused now. @throws OnecycleError `invalid_dataset` */
export async function profileArrays(file: string): Promise<Profile> {
  const npz = await Npz.open(file);
  try {
    const [x, y] = [await npz.header('x'), await npz.header('y')];
    checkShapes(x, y);
    for await (const values of npz.numbers('x', x)) checkFinite('x', values);
    const targets = await lookAtTargets(npz, y);
    const integers = isInteger(y) && y.shape.length === 1;
    const outputs = y.shape[1] ?? 1;
    const { min, max, counts } = targets;
    return {
      kind: 'arrays',
      format: 'npz',
      rows: x.shape[0],
      x_shape: x.shape.length === 1 ? [1] : x.shape.slice(1),
      ...(integers && counts && { classes: counts }),
      notes: npz.names.filter((name) => name !== 'x' && name !== 'y').map((name) => `The array ${name} is not used.`),
      preview: [],
      arrays: { integers, outputs, min, max },
    };
  } finally {
    npz.close();
  }
}

function checkShapes(x: NumpyHeader, y: NumpyHeader): void {
  const shapes = `x has the shape (${x.shape.join(', ')}), y (${y.shape.join(', ')})`;
  if (x.shape.length === 0 || x.shape.length > 5 || x.count === 0)
    throw invalidFile('/arrays/x', `x must have rows first, each of 0 to 4 axes: ${shapes}`);
  if (y.shape.length === 0 || y.shape.length > 2 || y.shape[0] !== x.shape[0] || y.count === 0)
    throw invalidFile('/arrays/y', `y must have as many rows as x, each a number or a list of numbers: ${shapes}`);
  if (x.count > maxElements || y.count > maxElements)
    throw invalidFile('/arrays/x', `All rows together must have fewer than 2^31 numbers: ${shapes}`);
}

function checkFinite(name: string, values: Float64Array): void {
  const wrong = values.find((value) => !Number.isFinite(Math.fround(value)));
  if (wrong !== undefined)
    throw invalidFile(
      child('/arrays', name),
      Number.isFinite(wrong)
        ? `The array ${name} has ${wrong}: numbers must be below 3.4e38, since rows are stored as float32`
        : `The array ${name} has values that are not finite: fill them in, or leave these rows out`,
    );
}

async function lookAtTargets(
  npz: Npz,
  y: NumpyHeader,
): Promise<{ min: number; max: number; counts: ClassInfo[] | null }> {
  let [min, max] = [Infinity, -Infinity];
  const counts = new Map<number, number>();
  for await (const values of npz.numbers('y', y)) {
    checkFinite('y', values);
    for (const value of values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      if (counts.size <= keptValues) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  if (counts.size > keptValues) return { min, max, counts: null };
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { min, max, counts: sorted.map(([value, rows]) => ({ name: String(value), rows })) };
}
