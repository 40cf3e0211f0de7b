import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkPolicy, type ScheduleSpec, scheduleOf } from '../../src/schedule/index.js';

/** A schedule with the values that it starts and ends with. */
interface Known {
  spec: ScheduleSpec;
  start: number;
  end: number;
}

const value = fc.double({ min: 1e-3, max: 1, noNaN: true });
const share = fc.integer({ min: 1, max: 100 });

/** A composition that goes from start to end, in parts that meet, of annealers that are all steep nowhere. */
function composition(start: number, end: number, depth: number): fc.Arbitrary<Known> {
  const ends = { start: fc.constant(start), end: fc.constant(end) };
  const annealer: fc.Arbitrary<ScheduleSpec> = fc.oneof(
    fc.record({ fn: fc.constantFrom('sched_lin' as const, 'sched_cos' as const, 'sched_exp' as const), ...ends }),
    fc.record({ fn: fc.constant('sched_poly' as const), power: fc.constantFrom(1, 2, 3), ...ends }),
    fc.record({ fn: fc.constant('combined_cos' as const), pct: fc.constantFrom(0.25, 0.5), middle: value, ...ends }),
  );
  const known = annealer.map((spec) => ({ spec, start, end }));
  if (depth === 0) return known;
  const combined = fc
    .tuple(fc.array(fc.tuple(share, value), { minLength: 1, maxLength: 3 }), share)
    .chain(([inner, last]) => {
      const total = inner.reduce((sum, [part]) => sum + part, last);
      const stops = [...inner.map(([, stop]) => stop), end];
      const parts = [...inner.map(([part]) => part), last].map((part, i) =>
        composition(stops[i - 1] ?? start, stops[i], depth - 1).map(({ spec }) => ({
          pct: part / total,
          schedule: spec,
        })),
      );
      return fc.tuple(...parts).map((combine): Known => ({ spec: { combine }, start, end }));
    });
  return fc.oneof(known, combined);
}

const compositions = fc.tuple(value, value).chain(([start, end]) => composition(start, end, 2));

test('any composition of annealers passes its check and hits its ends', () => {
  fc.assert(
    fc.property(compositions, ({ spec, start, end }) => {
      assert.deepEqual(checkPolicy({ name: 'fit', n_epoch: 1, schedules: { lr: spec } }, 1), []);
      const schedule = scheduleOf(spec, 0);
      assert.ok(Math.abs(schedule(0) - start) < 1e-9);
      assert.ok(Math.abs(schedule(1) - end) < 1e-9);
    }),
  );
});

test('any composition whose parts meet is continuous', () => {
  fc.assert(
    fc.property(compositions, fc.double({ min: 0, max: 1 - 1e-9, noNaN: true }), ({ spec }, position) => {
      const schedule = scheduleOf(spec, 0);
      // Values stay below 1 and parts are no shorter than 1/400 of 1/400, so that no slope passes 10 * 400².
      assert.ok(Math.abs(schedule(position + 1e-9) - schedule(position)) < 10 * 400 ** 2 * 1e-9);
    }),
  );
});

test('parts that do not meet jump at their boundary, and there the later one holds', () => {
  fc.assert(
    fc.property(fc.array(share, { minLength: 2, maxLength: 20 }), (shares) => {
      const total = shares.reduce((a, b) => a + b, 0);
      const schedule = scheduleOf(
        { combine: shares.map((part, i) => ({ pct: part / total, fn: 'sched_lin', start: i + 1, end: 0 })) },
        0,
      );
      let before = 0;
      shares.forEach((part, i) => {
        assert.ok(Math.abs(schedule(before / total) - (i + 1)) < 1e-6, `part ${i}`);
        before += part;
      });
    }),
  );
});
