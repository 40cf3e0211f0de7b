import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  annealer,
  combinedCos,
  combineScheds,
  evenMults,
  type Schedule,
  SchedCos,
  SchedExp,
  SchedLin,
  SchedNo,
  SchedPoly,
  type Value,
} from '../../src/schedule/index.js';
import { type AnnealerCase, near, schedules } from './golden.js';

const functions = { sched_lin: SchedLin, sched_cos: SchedCos, sched_no: SchedNo, sched_exp: SchedExp };

function build({ fn, start, end, power }: Omit<AnnealerCase, 'pos' | 'value'>): Schedule<Value> {
  if (power !== undefined) return SchedPoly(start, end, power);
  assert.ok(fn in functions, fn);
  return functions[fn as keyof typeof functions](start, end);
}

function matches(schedule: Schedule<Value>, { pos, value }: { pos: number[]; value: Value[] }): void {
  pos.forEach((position, i) => {
    const found = [schedule(position)].flat();
    const expected = [value[i]].flat();
    assert.equal(found.length, expected.length);
    expected.forEach((number, group) => near(found[group], number, 1e-7, `at ${position}`));
  });
}

test('annealers match fastai', async (t) => {
  for (const golden of schedules.schedules) {
    await t.test(`${golden.fn}(${JSON.stringify([golden.start, golden.end, golden.power])})`, () =>
      matches(build(golden), golden),
    );
  }
});

test('combine_scheds matches fastai', () => {
  for (const golden of schedules.combine_scheds) matches(combineScheds(golden.pcts, golden.parts.map(build)), golden);
});

test('combined_cos matches fastai, on numbers and on lists', () => {
  for (const golden of schedules.combined_cos)
    matches(combinedCos(golden.pct, golden.start, golden.middle, golden.end), golden);
});

test('even_mults matches fastai; one value is the stop', () => {
  for (const { start, stop, n, value } of schedules.even_mults) {
    const found = evenMults(start, stop, n);
    assert.equal(found.length, n);
    value.forEach((expected, i) => near(found[i], expected, 1e-7, `even_mults ${i}`));
  }
  assert.deepEqual(evenMults(1, 8, 1), [8]);
});

const quarters = [0, 0.25, 0.5, 0.75, 1];

test("the seed's own assertions on annealers", () => {
  const close = (schedule: Schedule, expected: number[]) =>
    quarters.forEach((position, i) => near(schedule(position), expected[i], 1e-5, `at ${position}`));
  assert.deepEqual(quarters.map(SchedLin(0, 2)), [0, 0.5, 1, 1.5, 2]);
  close(SchedCos(0, 2), [0, 0.29289, 1, 1.70711, 2]);
  close(SchedNo(0, 2), [0, 0, 0, 0, 0]);
  close(SchedExp(1, 2), [1, 1.18921, 1.41421, 1.68179, 2]);
  close(SchedPoly(0, 2, 2), [0, 0.125, 0.5, 1.125, 2]);
});

test('a custom annealer is partially applied like the others, on lists too', () => {
  const step = annealer((start, end, position) => (position < 0.5 ? start : end));
  assert.deepEqual(quarters.map(step(1, 2)), [1, 1, 2, 2, 2]);
  assert.deepEqual(step([1, 10], 5)(0), [1, 10]);
  assert.deepEqual(step(1, [5, 6])(1), [5, 6]);
});

test('lists of two lengths are an error, at once', () => {
  assert.throws(() => SchedLin([1, 2], [1, 2, 3]), { code: 'invalid_spec' });
});

test('a boundary belongs to the part that begins there, however the percentages add up', () => {
  const tenths = combineScheds(
    Array<number>(10).fill(0.1),
    Array.from({ length: 10 }, (_, i) => SchedCos(i + 1, 0)),
  );
  for (let i = 0; i < 10; i++) assert.equal(tenths(i / 10), i + 1);
  near(tenths(1), 0, 1e-7, 'the end');
});

test('a part of no length is passed over, or is met at the very end', () => {
  const skipped = combineScheds([0.5, 0, 0.5], [SchedLin(0, 1), SchedLin(7, 8), SchedLin(1, 2)]);
  assert.deepEqual(quarters.map(skipped), [0, 0.5, 1, 1.5, 2]);
  assert.equal(combineScheds([0, 1], [SchedNo(7, 7), SchedLin(1, 2)])(0), 1);
  assert.equal(combineScheds([1, 0], [SchedLin(1, 2), SchedNo(7, 7)])(1), 7);
});

test('combine_scheds refuses bad percentages', () => {
  const two = [SchedNo(1, 1), SchedNo(2, 2)];
  const refused = (pcts: number[], pointer?: string) =>
    assert.throws(
      () => combineScheds(pcts, two),
      (error) =>
        error instanceof Error &&
        'code' in error &&
        error.code === 'invalid_spec' &&
        (pointer === undefined || JSON.stringify(error).includes(`"${pointer}"`)),
    );
  refused([0.5, 0.4], '/pcts');
  refused([0.5, 0.500001], '/pcts');
  refused([1.5, -0.5], '/pcts/1');
  refused([NaN, 1], '/pcts/0');
  refused([1]);
  refused([0.2, 0.3, 0.5]);
  assert.throws(() => combineScheds([], []), { code: 'invalid_spec' });
});
