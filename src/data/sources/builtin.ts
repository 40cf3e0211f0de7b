/** Real data sets that come with the package: `datasets/`, where their sources and licences stand. */
import { readFileSync } from 'node:fs';
import type { Dataset, DatasetInfo } from '../types.js';

interface Builtin extends DatasetInfo {
  file: string;
  /** Changes the features in place, rows of `width` numbers. */
  prepare?: (x: Float32Array, width: number) => void;
}

const builtins: Record<string, Builtin> = {
  /** 8x8 pixels of 0 … 16, scaled to [0, 1]. */
  digits: {
    file: 'digits.csv',
    rows: 1797,
    x_shape: [64],
    target: { kind: 'classes', classes: 10 },
    prepare: (x) => x.forEach((v, i) => (x[i] = v / 16)),
  },
  /** Lengths and widths in centimetres, as they are. */
  iris: { file: 'iris.csv', rows: 150, x_shape: [4], target: { kind: 'classes', classes: 3 } },
  /** Each feature at mean 0 and standard deviation 1 (scikit-learn's, times the root of the number of rows); the target as it is, 25 to 346. */
  diabetes: {
    file: 'diabetes.csv',
    rows: 442,
    x_shape: [10],
    target: { kind: 'values', outputs: 1 },
    prepare: standardize,
  },
};

export const builtinNames = Object.keys(builtins);

export const isBuiltin = (name: string): boolean => Object.hasOwn(builtins, name);

export function describeBuiltin(name: string): DatasetInfo {
  const { rows, x_shape, target } = builtins[name];
  return { rows, x_shape, target };
}

export function loadBuiltin(name: string): Dataset {
  const { file, prepare, ...info } = builtins[name];
  const width = info.x_shape[0];
  const x = new Float32Array(info.rows * width);
  const y = info.target.kind === 'classes' ? new Int32Array(info.rows) : new Float32Array(info.rows);
  for (const [row, values] of readCsv(new URL(`../../../../datasets/${file}`, import.meta.url)).entries()) {
    x.set(values.slice(0, width), row * width);
    y[row] = values[width];
  }
  prepare?.(x, width);
  return { ...info, x, y };
}

/** Rows of numbers; the first line names the columns. */
const readCsv = (file: URL): number[][] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));

function standardize(x: Float32Array, width: number): void {
  const rows = x.length / width;
  for (let column = 0; column < width; column++) {
    const values = Array.from({ length: rows }, (_, row) => x[row * width + column]);
    const mean = values.reduce((sum, v) => sum + v, 0) / rows;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows);
    values.forEach((v, row) => (x[row * width + column] = (v - mean) / deviation));
  }
}
