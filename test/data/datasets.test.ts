import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { datasetNames, describeDataset, loadDataset, type DatasetSource } from '../../src/data/index.js';
import { OnecycleError } from '../../src/errors.js';
import { pointersOf } from '../problems.js';

type Described = Exclude<DatasetSource, { inline: unknown }>;
const product = (shape: number[]) => shape.reduce((p, n) => p * n, 1);
const sum = (values: Iterable<number>, of = (v: number) => v) => [...values].reduce((total, v) => total + of(v), 0);

describe('a data set is what its description says', () => {
  const sources: Described[] = [
    ...datasetNames.map((builtin) => ({ builtin })),
    { synthetic: {} },
    { synthetic: { rows: 7, seed: 3 } },
    { random: { shape: [8, 6, 3], classes: 5, rows: 40, seed: 1 } },
    { random: { shape: [3], outputs: 2, rows: 11 } },
    { random: { shape: [5, 5, 1], classes: 2, rows: 9, dtype: 'uint8' } },
  ];
  for (const source of sources) {
    test(JSON.stringify(source), () => {
      const { x, y, ...info } = loadDataset(source);
      assert.deepEqual(info, describeDataset(source));
      assert.equal(x.length, info.rows * product(info.x_shape));
      assert.ok(x.every((v) => Number.isFinite(v)) && y.every((v) => Number.isFinite(v)));
      const { target } = info;
      if (target.kind === 'values') assert.equal(y.length, info.rows * target.outputs);
      else {
        assert.equal(y.length, info.rows);
        assert.deepEqual([...new Set(y)].sort(), [...Array(target.classes).keys()]);
      }
      assert.deepEqual(loadDataset(source), { ...info, x, y }, 'the same again');
    });
  }
});

test('digits are the 1,797 of UCI, pixels from 0 to 1', () => {
  const { x, y } = loadDataset({ builtin: 'digits' });
  assert.deepEqual(
    [...x.subarray(0, 8)].map((v) => v * 16),
    [0, 0, 5, 13, 9, 1, 0, 0],
  );
  assert.ok(x.every((v) => v >= 0 && v <= 1));
  assert.equal(
    sum(x, (v) => v * 16),
    561_718,
  ); // scikit-learn's load_digits().data.sum()
  const counts = new Array<number>(10).fill(0);
  for (const digit of y) counts[digit]++;
  assert.deepEqual(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
});

test('the features of diabetes have mean 0 and deviation 1, its target is as it was measured', () => {
  const { x, y, rows } = loadDataset({ builtin: 'diabetes' });
  for (let column = 0; column < 10; column++) {
    const values = x.filter((_, i) => i % 10 === column);
    const mean = sum(values) / rows;
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(sum(values, (v) => v ** 2) / rows - 1) < 1e-5);
  }
  assert.ok(
    Math.abs(x[0] - 0.0380759064 * Math.sqrt(442)) < 1e-6,
    "scikit-learn's own scaling, times the root of the rows",
  );
  assert.deepEqual([y[0], Math.min(...y), Math.max(...y)], [151, 25, 346]);
});

test("synthetic is fastai's line: 192 rows of y = 2x + 3 and noise", () => {
  const { x, y, rows } = loadDataset({ builtin: 'synthetic' });
  assert.equal(rows, 192);
  const noise = Array.from(y, (v, i) => v - 2 * x[i] - 3);
  const deviation = Math.sqrt(sum(noise, (v) => v ** 2) / rows);
  assert.ok(deviation > 0.08 && deviation < 0.12, `${deviation}`);
});

test('random data depend on their seed; bytes stay bytes', () => {
  const random = (seed: number, dtype?: 'uint8') =>
    loadDataset({ random: { shape: [16], classes: 3, rows: 8, seed, dtype } });
  assert.notDeepEqual(random(1).x, random(2).x);
  assert.notDeepEqual(random(1).y, random(2).y);
  const { x } = random(1, 'uint8');
  assert.ok(x instanceof Uint8Array && x.some((v) => v > 200) && x.some((v) => v < 50));
});

test('for a regression, classes stand as values; values never stand as classes', () => {
  const { target, y } = loadDataset({ builtin: 'iris' }, { kind: 'values' });
  assert.deepEqual(target, { kind: 'values', outputs: 1 });
  assert.deepEqual(y, Float32Array.from(loadDataset({ builtin: 'iris' }).y));
  assert.deepEqual(
    pointersOf(() => describeDataset({ builtin: 'diabetes' }, 'classes')),
    ['/loss'],
  );
});

describe('a source that cannot be is refused', () => {
  const random = (given: object) => () => describeDataset({ random: { shape: [2], classes: 2, rows: 4, ...given } });
  const table: [string, () => unknown, string[]][] = [
    ['an unknown name', () => describeDataset({ builtin: 'mnist' }), ['/dataset/builtin']],
    ['a name of the prototype', () => loadDataset({ builtin: '__proto__' }), ['/dataset/builtin']],
    ['no rows', random({ rows: 0 }), ['/dataset/random/rows']],
    ['rows left out', random({ rows: undefined }), ['/dataset/random/rows']],
    ['an empty shape', random({ shape: [] }), ['/dataset/random/shape']],
    ['half a pixel', random({ shape: [2.5, 2] }), ['/dataset/random/shape']],
    ['both kinds of target', random({ outputs: 1 }), ['/dataset/random']],
    ['no kind of target', random({ classes: undefined }), ['/dataset/random']],
    ['more than memory can index', random({ shape: [65536, 65536] }), ['/dataset/random/rows']],
    ['a negative seed', random({ seed: -1 }), ['/dataset/random/seed']],
    ['an unknown dtype', random({ dtype: 'float16' }), ['/dataset/random/dtype']],
    ['several at once', random({ rows: 'x', classes: -1 }), ['/dataset/random/classes', '/dataset/random/rows']],
    ['no synthetic rows', () => describeDataset({ synthetic: { rows: 0 } }), ['/dataset/synthetic/rows']],
  ];
  for (const [name, call, pointers] of table) test(name, () => assert.deepEqual(pointersOf(call), pointers));
});

test('inline data without their file are bad data', () => {
  for (const inlineFile of [undefined, 'no/such/file.json']) {
    assert.throws(
      () => loadDataset({ inline: {} }, { inlineFile }),
      (error) => error instanceof OnecycleError && error.code === 'bad_data',
    );
  }
});
