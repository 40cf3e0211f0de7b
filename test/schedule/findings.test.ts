/** What a finder's curve says, as a client is shown it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings, suggest } from '../../src/schedule/index.js';

const points = 60;
const curve = {
  lrs: Array.from({ length: points }, (_, i) => 1e-7 * 1e8 ** (i / points)),
  losses: Array.from({ length: points }, (_, i) => 2 - i / points),
};

test('without names: fastai’s four, the older pair beside them, and a mark for each of the four', () => {
  const { suggestions, reasons, lr_min, lr_steep, marks } = findings(curve, { name: 'lr_find', num_it: points });
  const all = suggest(curve, points);
  assert.deepEqual(Object.keys(suggestions), ['valley', 'slide', 'minimum', 'steep']);
  assert.deepEqual([lr_min, lr_steep], [all.suggestions.lr_min, all.suggestions.lr_steep]);
  assert.deepEqual(reasons, {});
  assert.deepEqual(
    marks,
    Object.keys(suggestions).map((name) => ({
      name,
      suggested: all.suggestions[name as 'valley'],
      point: all.points[name as 'valley'],
    })),
  );
});

test('with names: these, in their order; the pair still stands beside them', () => {
  const { suggestions, lr_min, lr_steep, marks } = findings(curve, {
    name: 'lr_find',
    num_it: points,
    suggest_funcs: ['steep', 'lr_min'],
  });
  assert.deepEqual(Object.keys(suggestions), ['steep', 'lr_min']);
  assert.deepEqual([suggestions.lr_min, suggestions.steep], [lr_min, lr_steep]);
  assert.deepEqual(
    marks.map(({ name }) => name),
    ['steep', 'lr_min'],
  );
});

test('of a curve that has only begun: nulls with their reasons, no marks', () => {
  const begun = { lrs: curve.lrs.slice(0, 8), losses: [2, null, 2, 2, 2, 2, 2, 2] };
  const { suggestions, reasons, lr_min, lr_steep, marks } = findings(begun, { name: 'lr_find' });
  assert.deepEqual(suggestions, { valley: null, slide: null, minimum: null, steep: null });
  assert.deepEqual(Object.keys(reasons).sort(), ['lr_min', 'lr_steep', 'minimum', 'slide', 'steep', 'valley']);
  assert.deepEqual([lr_min, lr_steep, marks], [null, null, []]);
});
