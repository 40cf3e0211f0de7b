/** Defaults stand in the schema alone, and are filled in from there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { problemsOf } from '../../src/schema/check.js';
import { complete } from '../../src/schema/complete.js';
import { Count, defaulted, optional, Positive, strict } from '../../src/schema/fields.js';

const schema = strict({
  name: Type.Literal('cycle'),
  n_epoch: Count('Epochs'),
  div: defaulted(Positive('What the rate starts divided by'), 25),
  moms: defaulted(Type.Array(Type.Number()), [0.95, 0.85]),
  wd: optional(Type.Number()),
});

test('what is left out, or undefined, takes its default; what is given stays; other optional fields stay out', () => {
  const { div, ...rest } = complete(schema, { name: 'cycle', n_epoch: 3, div: undefined, moms: [1] });
  const typed: number = div; // no longer optional
  assert.equal(typed, 25);
  assert.deepEqual(rest, { name: 'cycle', n_epoch: 3, moms: [1] });
});

test('each object has defaults of its own', () => {
  const [one, other] = [1, 2].map((n_epoch) => complete(schema, { name: 'cycle', n_epoch }));
  one.moms.push(0);
  assert.deepEqual(other.moms, [0.95, 0.85]);
});

test('a defaulted field is optional, and says its default to whoever reads the schema', () => {
  assert.deepEqual(problemsOf(schema, { name: 'cycle', n_epoch: 3 }), []);
  assert.deepEqual(problemsOf(schema, { name: 'cycle', n_epoch: 3, div: 0 }).length, 1);
  assert.equal((JSON.parse(JSON.stringify(schema.properties.div)) as { default: number }).default, 25);
});
