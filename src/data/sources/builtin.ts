/** Real data sets that come with the package: `datasets/`, where their sources and licences stand. */
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import type { MemoryDataset, DatasetInfo } from '../types.js';
import { defineSource } from './source.js';
import { synthetic } from './synthetic.js';

/** A data set by name. */
interface Builtin {
  describe: () => DatasetInfo;
  load: () => MemoryDataset;
}

/** A table of numbers, the target in its last column. */
interface Table extends DatasetInfo {
  file: string;
  /** Changes the features in place, rows of `width` numbers. Left out: they stay as they are. */
  scale?: (x: Float32Array, width: number) => void;
}

const builtins: Readonly<Record<string, Builtin>> = {
  /** 8x8 pixels of 0 to 16, scaled to [0, 1]. */
  digits: table({
    file: 'digits.csv',
    rows: 1797,
    x_shape: [64],
    target: { kind: 'classes', classes: 10 },
    scale: (x) => x.forEach((v, i) => (x[i] = v / 16)),
  }),
  /** Lengths and widths in centimetres. */
  iris: table({ file: 'iris.csv', rows: 150, x_shape: [4], target: { kind: 'classes', classes: 3 } }),
  /**
   * Each feature at mean 0 and deviation 1 (scikit-learn's, times the root of the number of rows); the target is 25 to
   * 346.
   */
  diabetes: table({
    file: 'diabetes.csv',
    rows: 442,
    x_shape: [10],
    target: { kind: 'values', outputs: 1 },
    scale: standardize,
  }),
  /** `{"synthetic": {}}` by name. */
  synthetic: { describe: () => synthetic.describe({}), load: () => synthetic.load({}, {}) },
};

/** Names that `{"builtin": NAME}` may have. */
export const datasetNames: readonly string[] = Object.keys(builtins);

/** A data set by name. */
export const builtin = defineSource({
  name: 'builtin',
  title: 'BuiltinDataset',
  description: 'A data set that is built in',
  value: Type.String({ description: `Its name: ${datasetNames.join(', ')}`, examples: ['digits'] }),
  problems: (name) =>
    Object.hasOwn(builtins, name)
      ? []
      : [{ pointer: '', detail: `must be one of ${datasetNames.join(', ')}, not ${JSON.stringify(name)}` }],
  describe: (name) => builtins[name].describe(),
  load: (name) => builtins[name].load(),
});

function table(named: Table): Builtin {
  const { rows, x_shape, target } = named;
  const info = { rows, x_shape, target };
  let read: Pick<MemoryDataset, 'x' | 'y'> | undefined;
  return {
    describe: () => info,
    // Reading takes longer than a small model trains: once a process. Whoever loads it may write into it.
    load() {
      const { x, y } = (read ??= readTable(named));
      return { ...info, x: x.slice(), y: y.slice() };
    },
  };
}

function readTable({ file, scale, rows, x_shape: [width], target }: Table): Pick<MemoryDataset, 'x' | 'y'> {
  const x = new Float32Array(rows * width);
  const y = target.kind === 'classes' ? new Int32Array(rows) : new Float32Array(rows);
  for (const [row, values] of readCsv(new URL(`../../../../datasets/${file}`, import.meta.url)).entries()) {
    x.set(values.slice(0, width), row * width);
    y[row] = values[width];
  }
  scale?.(x, width);
  return { x, y };
}

/** Rows of numbers; the first line names the columns. As JSON, because its parser is fast from the first row on. */
function readCsv(file: URL): number[][] {
  const lines = readFileSync(file, 'utf8').trimEnd();
  const rows = lines.slice(lines.indexOf('\n') + 1).replaceAll('\n', '],[');
  return JSON.parse(`[[${rows}]]`) as number[][]; // these files are ours
}

function standardize(x: Float32Array, width: number): void {
  const rows = x.length / width;
  for (let column = 0; column < width; column++) {
    const values = Array.from({ length: rows }, (_, row) => x[row * width + column]);
    const mean = values.reduce((sum, v) => sum + v, 0) / rows;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows);
    values.forEach((v, row) => (x[row * width + column] = (v - mean) / deviation));
  }
}
