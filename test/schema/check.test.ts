import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type, type TSchema } from 'typebox';
import { fieldProblemsOf, isValid, problemsOf } from '../../src/schema/check.js';
import { follow } from '../../src/schema/json.js';

const strict = { additionalProperties: false };
const Circle = Type.Object(
  { kind: Type.Literal('circle'), r: Type.Number({ exclusiveMinimum: 0, description: 'Radius' }) },
  strict,
);
const Square = Type.Object({ kind: Type.Literal('square'), side: Type.Number() }, strict);
const Shape = Type.Union([Circle, Square]);
const Size = Type.Union(
  [
    Type.Number(),
    Type.Array(Type.Number(), { minItems: 1 }),
    Type.Object({ from: Type.Number() }, strict),
    Type.Object({ at: Type.Number() }, strict),
  ],
  { description: 'A size' },
);
const nested = Type.Object({ shapes: Type.Array(Shape), 'a/b': Type.Optional(Size) }, strict);

/** A schema, a value, and each problem as `pointer: detail`. */
const cases: [schema: TSchema, value: unknown, problems: string[]][] = [
  [Shape, { kind: 'circle', r: 1 }, []],
  [Shape, 3, [': must be an object with kind, r, or an object with kind, side, not 3']],
  [Shape, { kind: 'disc' }, ['/kind: must be one of circle, square, not "disc"']],
  [Shape, { r: 1 }, ['/kind: is required: one of circle, square']],
  [Shape, { kind: 'circle', side: 1 }, ['/r: is required: Radius', '/side: is not a known field; known here: kind, r']],
  [Shape, { kind: 'circle', r: -1 }, ['/r: must be > 0, not -1']],
  [
    Size,
    'big',
    [': must be a finite number, or a list, or an object with from, or an object with at (A size), not "big"'],
  ],
  [Size, NaN, [': must be a finite number, not NaN']],
  [Size, [], [': must not be empty, not []']],
  [Size, [1, null], ['/1: must be a finite number, not null']],
  [Size, {}, [': must be an object with from, or an object with at']],
  [Size, { form: 1 }, ['/form: is not a known field; known here: from, at']],
  [Size, { at: 'x' }, ['/at: must be a finite number, not "x"']],
  [
    nested,
    { shapes: [{ kind: 'circle', r: 1 }, { kind: 'square' }], 'a/b': true },
    [
      '/a~1b: must be a finite number, or a list, or an object with from, or an object with at (A size), not true',
      '/shapes/1/side: is required',
    ],
  ],
  [nested, null, [': must be an object, not null']],
];

for (const [schema, value, expected] of cases) {
  test(`${JSON.stringify(value)}: ${expected.length === 0 ? 'valid' : expected.join('; ')}`, () => {
    assert.deepEqual(
      problemsOf(schema, value)
        .map(({ pointer, detail }) => `${pointer}: ${detail}`)
        .sort(),
      expected,
    );
  });
}

test('variants that read alike are named once', () => {
  const [detail] = problemsOf(Type.Union([Circle, Circle, Type.Null()]), 3).map((problem) => problem.detail);
  assert.equal(detail, 'must be an object with kind, r, or null, not 3');
});

test('one problem per field: what is wrong inside of one is said of it', () => {
  const value = { shapes: [{ kind: 'circle', r: 0 }, 1], 'a/b': true, c: 1 };
  assert.equal(isValid(nested, value), false);
  assert.deepEqual(
    fieldProblemsOf(nested, value)
      .map(({ pointer, detail }) => `${pointer}: ${detail}`)
      .sort(),
    [
      '/a~1b: must be a finite number, or a list, or an object with from, or an object with at (A size), not true',
      '/c: is not a known field; known here: shapes, a/b',
      '/shapes: 0/r: must be > 0, not 0; 1: must be an object with kind, r, or an object with kind, side, not 1',
    ],
  );
  assert.deepEqual(fieldProblemsOf(nested, null), [{ pointer: '', detail: 'must be an object, not null' }]);
  assert.deepEqual(fieldProblemsOf(nested, { shapes: [] }), []);
});

test('a pointer leads to its value', () => {
  const value = { 'a/b': [{ '~': 1 }] };
  assert.deepEqual([follow(value, ''), follow(value, '/a~1b/0/~0'), follow(value, '/c/d')], [value, 1, undefined]);
});
