import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from '../../src/api/canonical.js';

test('two bodies are the same whatever the order of their fields, at any depth', () => {
  const one = { a: 1, b: [[{ c: [1, 2], d: null }], 'x'], e: { f: true, g: {} } };
  const other = { e: { g: {}, f: true }, b: [[{ d: null, c: [1, 2] }], 'x'], a: 1 };
  assert.equal(canonical(one), canonical(other));
  assert.deepEqual(JSON.parse(canonical(one)), one);
});

test('other values, and other orders of lists, are another body', () => {
  const different = [
    { a: [1, 2] },
    { a: [2, 1] },
    { a: ['1', 2] },
    { a: [[1], 2] },
    { a: { 0: 1, 1: 2 } },
    { A: [1, 2] },
    {},
  ];
  assert.equal(new Set(different.map(canonical)).size, different.length);
});
