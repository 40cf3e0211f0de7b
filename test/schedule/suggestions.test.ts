import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  minimum,
  slide,
  steep,
  suggest,
  type Suggestion,
  suggestionNames,
  usableCurve,
  valley,
} from '../../src/schedule/index.js';
import { near, nearly, suggestionCurves, trajectories } from './golden.js';

const functions = { valley, slide, minimum, steep };
const lrOf = (found: Suggestion): number | null => ('lr' in found ? found.lr : null);

const slopes = (lrs: number[], losses: number[]) =>
  lrs.slice(1).map((lr, i) => (losses[i + 1] - losses[i]) / Math.log(lr / lrs[i]));
/** All slopes are one to the digits that the golden file has: which of them is the steepest, it cannot say. */
const straight = (lrs: number[], losses: number[]) =>
  Math.max(...slopes(lrs, losses)) - Math.min(...slopes(lrs, losses)) < 1e-7;
const slopeAt = (rate: number, lrs: number[], losses: number[]) =>
  slopes(lrs, losses)[lrs.findIndex((lr) => Math.abs(lr / rate - 1) < 1e-4)];

test("the functions give fastai's suggestions", async (t) => {
  for (const { name, lrs, losses, suggestions } of suggestionCurves) {
    await t.test(name, () => {
      for (const method of ['valley', 'slide', 'minimum', 'steep'] as const) {
        const found = lrOf(functions[method](lrs, losses));
        const expected = suggestions[method];
        if (found === null || expected === null) assert.equal(found, expected, method);
        else if (method === 'steep' && straight(lrs, losses))
          near(slopeAt(found, lrs, losses), slopeAt(expected, lrs, losses), 1e-6, method);
        else nearly(found, expected, 1e-4, method);
      }
    });
  }
});

test("fastai's recorded finders get the same suggestions, after the slice", () => {
  const finders = trajectories.flatMap(({ name, runs }) =>
    runs.flatMap((run) =>
      run.lrs && run.suggestions ? [{ name, ...run, lrs: run.lrs, golden: run.suggestions }] : [],
    ),
  );
  assert.ok(finders.length >= 5);
  for (const { name, policy, lrs, smooth_losses, golden } of finders) {
    assert.ok(policy.name === 'lr_find');
    const { num_it = 100 } = policy;
    const { suggestions } = suggest({ lrs, losses: smooth_losses }, num_it);
    for (const [method, expected] of Object.entries(golden)) {
      const found = suggestions[method as keyof typeof functions];
      if (expected === null) assert.equal(found, null, `${name} ${method}`);
      else nearly(found, expected, 1e-4, `${name} ${method}`);
    }
    assert.equal(suggestions.lr_min, suggestions.minimum);
    assert.equal(suggestions.lr_steep, suggestions.steep);
  }
});

const rates = (n: number) => Array.from({ length: n }, (_, i) => 1e-7 * 1.2 ** i);
const falling = (n: number) => Array.from({ length: n }, (_, i) => 2 - i / n);

test('the first tenth and the last five points are dropped, then all from the first loss that is not a number', () => {
  const losses: (number | null)[] = falling(100);
  losses[2] = NaN;
  assert.deepEqual(usableCurve({ lrs: rates(100), losses }, 100), {
    lrs: rates(100).slice(10, 95),
    losses: falling(100).slice(10, 95),
  });
  for (const bad of [NaN, Infinity, null]) {
    losses[40] = bad;
    losses[41] = 1;
    assert.deepEqual(usableCurve({ lrs: rates(100), losses }, 100), {
      lrs: rates(100).slice(10, 40),
      losses: falling(100).slice(10, 40),
    });
  }
});

test('a curve too short gives nulls, each with its reason', () => {
  for (const n of [0, 3, 5, 14]) {
    const { suggestions, reasons, points } = suggest({ lrs: rates(n), losses: falling(n) }, 100);
    for (const name of suggestionNames) {
      assert.equal(suggestions[name], null);
      assert.match(reasons[name] ?? '', /at least \d+ points/);
    }
    assert.deepEqual(points, {});
  }
});

test('a point more lifts a reason: each suggestion needs what it says', () => {
  const missing = (points: number) =>
    Object.keys(suggest({ lrs: rates(points + 15), losses: falling(points + 15) }, 100).reasons);
  assert.deepEqual(missing(0), [...suggestionNames]);
  assert.deepEqual(missing(1), ['slide', 'steep', 'lr_steep']);
  assert.deepEqual(missing(2), ['valley', 'slide']); // The valley starts at -1, and no third of it fits before its end.
  assert.deepEqual(missing(3), ['slide']);
  assert.deepEqual(missing(15), ['slide']);
  assert.deepEqual(missing(16), []);
});

test('only what is asked for is computed, and a point marks the curve itself', () => {
  const { suggestions, points } = suggest({ lrs: rates(100), losses: falling(100) }, 100, ['minimum']);
  assert.deepEqual(Object.keys(suggestions), ['minimum']);
  assert.deepEqual(points, { minimum: { lr: rates(100)[94], loss: falling(100)[94] } });
  assert.equal(suggestions.minimum, rates(100)[94] / 10);
});

test('a long curve takes no long time', () => {
  const n = 200_000;
  const noisy = Array.from({ length: n }, (_, i) => 2 - i / n + Math.sin(i * 12.9898) / 10);
  const lrs = Array.from({ length: n }, (_, i) => 1e-7 * 1e8 ** (i / n));
  const begin = performance.now();
  const { reasons } = suggest({ lrs, losses: noisy }, n);
  assert.deepEqual(reasons, {});
  assert.ok(performance.now() - begin < 5000);
});
