import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadDataset, parseInline } from '../../src/data/index.js';
import { OnecycleError } from '../../src/errors.js';
import { pointersOf } from '../problems.js';

test('rows of numbers with integers are classes', () => {
  assert.deepEqual(
    parseInline({
      x: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      y: [0, 1, 0],
    }),
    {
      rows: 3,
      x_shape: [2],
      target: { kind: 'classes', classes: 2 },
      x: Float32Array.of(1, 2, 3, 4, 5, 6),
      y: Int32Array.of(0, 1, 0),
    },
  );
});

describe('the target', () => {
  const parse = (y: unknown[], kind?: 'classes' | 'values') => parseInline({ x: y.map(() => [0]), y }, kind);
  const table: [string, ReturnType<typeof parse>, object, Int32Array | Float32Array][] = [
    ['a flat list with a fraction is values', parse([1, 2.5]), { kind: 'values', outputs: 1 }, Float32Array.of(1, 2.5)],
    ['rows of one number are values', parse([[1], [2]]), { kind: 'values', outputs: 1 }, Float32Array.of(1, 2)],
    [
      'rows of two numbers are two values',
      parse([
        [1, 2],
        [3, 4],
      ]),
      { kind: 'values', outputs: 2 },
      Float32Array.of(1, 2, 3, 4),
    ],
    [
      'integers are values where the loss needs values',
      parse([-1, 2], 'values'),
      { kind: 'values', outputs: 1 },
      Float32Array.of(-1, 2),
    ],
  ];
  for (const [name, { target, y }, kind, values] of table) {
    test(name, () => assert.deepEqual({ target, y }, { target: kind, y: values }));
  }
});

describe('integers that nobody calls classes', () => {
  const targetOf = (y: number[], kind?: 'classes' | 'values') => parseInline({ x: y, y }, kind).target;
  const detailOf = (y: number[]): string => {
    try {
      targetOf(y);
      return '';
    } catch (error) {
      assert.ok(error instanceof OnecycleError);
      assert.deepEqual(
        error.problems.map(({ pointer }) => pointer),
        ['/dataset/inline/y'],
      );
      return error.problems[0].detail;
    }
  };
  const table: [name: string, y: number[], doubt: RegExp][] = [
    ['more classes than rows', [10, 200, 35], /up to 200 would be 201 classes, for 3 rows/],
    ['a class that no row is of', [0, 3, 1, 3, 0], /4 classes, and no row is of class 2/],
    ['classes that count from 1', [1, 2, 3, 1, 2, 3], /4 classes, and no row is of class 0/],
    ['one row that is not of class 0', [1], /2 classes, for 1 rows/],
    ['more than memory has room to count', [0, 2 ** 31 - 2], /up to 2147483646/],
  ];
  for (const [name, y, doubt] of table)
    test(`${name}: refused, and both ways out are named`, () => {
      assert.match(detailOf(y), doubt);
      assert.match(detailOf(y), /the loss mse; .* the loss cross_entropy/);
      assert.deepEqual(targetOf(y, 'values'), { kind: 'values', outputs: 1 });
      assert.deepEqual(targetOf(y, 'classes'), { kind: 'classes', classes: Math.max(...y) + 1 });
    });
  for (const y of [[0], [1, 0, 2, 1], [0, 0, 0]])
    test(`without a gap they are taken: ${y.join(', ')}`, () =>
      assert.deepEqual(targetOf(y), { kind: 'classes', classes: Math.max(...y) + 1 }));
});

test('images are [height, width, channels]; plain numbers are rows of one', () => {
  assert.deepEqual(parseInline({ x: [[[[1], [2]]], [[[3], [4]]]], y: [0, 1] }).x_shape, [1, 2, 1]);
  assert.deepEqual(parseInline({ x: [5, 6], y: [0, 1] }).x_shape, [1]);
});

test('any regular nesting is read in order', () => {
  const data = fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(data, ([rows, shape]) => {
      let next = 0;
      const nested = ([n, ...rest]: number[]): unknown[] =>
        Array.from({ length: n }, () => (rest.length > 0 ? nested(rest) : next++));
      const dataset = parseInline({ x: nested([rows, ...shape]), y: Array.from({ length: rows }, () => 0.5) });
      assert.deepEqual(dataset.x_shape, shape);
      assert.deepEqual([...dataset.x], [...Array(next).keys()]);
    }),
  );
});

test('a job reads them from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-data-'));
  try {
    const inlineFile = join(folder, 'data.json');
    const data = {
      x: [
        [1, 2],
        [3, 4],
      ],
      y: [1, 0],
    };
    writeFileSync(inlineFile, JSON.stringify(data));
    assert.deepEqual(loadDataset({ inline: { rows: 2, sha256: 'abc' } }, { inlineFile }), parseInline(data));
    assert.deepEqual(loadDataset({ inline: {} }, { inlineFile, kind: 'values' }), parseInline(data, 'values'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a row that does not fit is called by its number', () => {
  const detailOf = (x: unknown[]) => {
    try {
      parseInline({ x, y: [0, 1] });
    } catch (error) {
      if (error instanceof OnecycleError) return error.problems[0].detail;
    }
    return '';
  };
  assert.equal(detailOf([[1, 2], 3]), 'row 1 must be a list of length 2');
  assert.equal(
    detailOf([
      [1, null],
      [1, 2],
    ]),
    'row 0 must be a finite number here',
  );
});

describe('rows that do not fit are refused with the pointer of the place', () => {
  const y = [0, 1];
  const x = [
    [1, 2],
    [3, 4],
  ];
  const table: [string, unknown, string[]][] = [
    ['no object', [1, 2], ['/dataset/inline']],
    ['null', null, ['/dataset/inline']],
    ['an unknown field', { x, y, z: 1 }, ['/dataset/inline/z']],
    ['no x', { y }, ['/dataset/inline/x']],
    ['no rows', { x: [], y: [] }, ['/dataset/inline/x']],
    ['x that is no list', { x: 'abc', y }, ['/dataset/inline/x']],
    ['no y', { x }, ['/dataset/inline/y']],
    ['fewer y than x', { x, y: [0] }, ['/dataset/inline/y']],
    ['empty rows', { x: [[], []], y }, ['/dataset/inline/x/0']],
    ['rows of different lengths', { x: [[1, 2], [3]], y }, ['/dataset/inline/x/1']],
    [
      'rows of different depths',
      {
        x: [
          [1, 2],
          [3, [4]],
        ],
        y,
      },
      ['/dataset/inline/x/1/1'],
    ],
    ['a row that is a number', { x: [[1, 2], 3], y }, ['/dataset/inline/x/1']],
    [
      'null among numbers',
      {
        x: [
          [1, 2],
          [3, null],
        ],
        y,
      },
      ['/dataset/inline/x/1/1'],
    ],
    [
      'text among numbers',
      {
        x: [
          ['1', 2],
          [3, 4],
        ],
        y,
      },
      ['/dataset/inline/x/0/0'],
    ],
    [
      'infinite as float32',
      {
        x: [
          [1, 2],
          [3, 1e300],
        ],
        y,
      },
      ['/dataset/inline/x/1/1'],
    ],
    ['a negative class', { x, y: [0, -1] }, ['/dataset/inline/y/1']],
    ['null as a target', { x, y: [0, null] }, ['/dataset/inline/y/1']],
    ['targets of different lengths', { x, y: [[0], [1, 2]] }, ['/dataset/inline/y/1']],
    ['targets that are images', { x, y: [[[0]], [[1]]] }, ['/dataset/inline/y/0']],
    [
      'a first row so wide that all of them would not fit in memory',
      { x: [new Array(1e5).fill(0), ...new Array<number>(1e5).fill(0)], y: new Array(1e5 + 1).fill(0) },
      Array.from({ length: 10 }, (_, i) => `/dataset/inline/x/${i + 1}`).sort(),
    ],
  ];
  for (const [name, inline, pointers] of table)
    test(name, () =>
      assert.deepEqual(
        pointersOf(() => parseInline(inline)),
        pointers,
      ),
    );
  test('a fraction where the loss needs classes', () =>
    assert.deepEqual(
      pointersOf(() => parseInline({ x, y: [0, 0.5] }, 'classes')),
      ['/dataset/inline/y/1'],
    ));
});
