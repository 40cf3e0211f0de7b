/** Thinned curves are read from a log's end; they are, byte for byte, those of the whole log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Part } from '../../src/api/history/curves.js';
import { columnsOf, thinnedColumnsOf } from './curve-stores.js';
import type { Frame } from '../../src/jobs/index.js';

const iterationsPerEpoch = 7;

interface Attempt {
  length: number;
  per_frame: number;
  /** Where it begins, as a part of what there is; at the end of an epoch's rows, whose validation comes again. */
  rewind: number;
  validating: boolean;
  losses: (number | null)[];
  groups: number;
  mom: boolean;
  progress: boolean;
}

/** The frames of a run whose attempts begin again where they are told to. */
function run(attempts: readonly Attempt[], validated: boolean): Frame[] {
  const frames: Frame[] = [{ type: 'status', seq: 0, attempt: 1, status: 'queued' }];
  const told = (attempt: number) => ({ seq: frames.length, attempt });
  let next = 0;
  for (const [i, each] of attempts.entries()) {
    const at = () => told(i + 1);
    if (i > 0) {
      next = Math.floor(each.rewind * next);
      if (each.validating) next -= next % iterationsPerEpoch;
      const again = each.validating && next > 0 ? 1 : 0;
      frames.push({ ...at(), type: 'rewind', iteration: next, epoch: Math.floor(next / iterationsPerEpoch) - again });
      if (again > 0) frames.push({ ...at(), ...epochFrame(next / iterationsPerEpoch - 1, validated) });
    }
    for (const end = next + each.length; next < end;) {
      const iteration = Array.from({ length: Math.min(each.per_frame, end - next) }, (_, j) => next + j);
      const loss = iteration.map((n) => each.losses[n % each.losses.length]);
      const rows = (name: number) => Array.from({ length: each.groups }, (_, g) => iteration.map((n) => n + g + name));
      frames.push({
        type: 'batches',
        seq: frames.length,
        phase: i,
        epoch: iteration.map((n) => Math.floor(n / iterationsPerEpoch)),
        iteration,
        raw_loss: loss,
        loss: loss.map((value) => value && value / 3),
        hypers: { ...(each.mom && { mom: rows(0.5) }), lr: rows(0.1) },
        attempt: i + 1,
        ...(each.progress && { progress: { percent: 1, estimated_finish: null, seconds: frames.length } }),
      });
      const [before, after] = [next, (next += iteration.length)].map((n) => Math.floor(n / iterationsPerEpoch));
      for (let n = before; n < after; n++) frames.push({ ...at(), ...epochFrame(n, validated) });
    }
  }
  return frames;
}

const epochFrame = (epoch: number, validated: boolean) => ({
  type: 'epoch' as const,
  epoch,
  phase: 0,
  train_loss: (epoch * 5) % 7,
  valid_loss: validated && epoch % 3 > 0 ? (epoch * 3) % 11 : null,
  metrics: { accuracy: epoch % 2 ? null : epoch },
  seconds: 1,
});

const runs = fc
  .tuple(
    fc.array(
      fc.record({
        length: fc.integer({ min: 0, max: 120 }),
        per_frame: fc.integer({ min: 1, max: 30 }),
        rewind: fc.double({ min: 0, max: 1, noNaN: true }),
        validating: fc.boolean(),
        losses: fc.array(fc.option(fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 40 }),
        groups: fc.integer({ min: 1, max: 3 }),
        mom: fc.boolean(),
        progress: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    fc.boolean(),
  )
  .map(([attempts, validated]) => run(attempts, validated));
const parts: fc.Arbitrary<Part> = fc.record(
  { from: fc.nat(150), to: fc.nat(300), points: fc.integer({ min: 1, max: 40 }) },
  { requiredKeys: ['points'] },
);

test('of any log, whatever was taken back, as the whole of it says', async () => {
  let thinned = 0;
  await fc.assert(
    fc.asyncProperty(runs, parts, async (frames, part) => {
      const whole = await columnsOf(frames, part);
      const found = await thinnedColumnsOf(frames, part);
      if (!found) {
        const { length } = (await columnsOf(frames, { ...part, points: Infinity })).iteration;
        assert.ok(length <= part.points! || length === 0, `${length} rows can be thinned to ${part.points}`);
        return;
      }
      thinned++;
      assert.equal(JSON.stringify(found), JSON.stringify(whole));
    }),
    { numRuns: 400 },
  );
  assert.ok(thinned > 100, `${thinned} were thinned`);
});

const one = run([attempt({ length: 100 }), attempt({ length: 50, rewind: 0.5 })], true);

function attempt(some: Partial<Attempt>): Attempt {
  const usual = { per_frame: 5, rewind: 0, validating: false, losses: [3, 1, 2], groups: 1, mom: false };
  return { length: 1, progress: true, ...usual, ...some };
}

test('frames whose text has another form are parsed', async () => {
  const other = one.map((frame): Frame => {
    if (frame.type !== 'batches') return frame;
    const { type, hypers, loss, ...rest } = frame;
    return { type, hypers: { 'a"b': [], 'x[': hypers.lr, ...hypers }, loss, ...rest };
  });
  for (const part of [{ points: 9 }, { points: 1, from: 8 }, { points: 20, from: 8, to: 70 }])
    assert.equal(
      JSON.stringify(await thinnedColumnsOf(other, part)),
      JSON.stringify(await columnsOf(other, part)),
      JSON.stringify(part),
    );
});

test('a log that this does not suit is left to be read as a whole', async () => {
  const old = one.map((frame) => (frame.type === 'rewind' ? { ...frame, epoch: undefined } : frame));
  const gap = one.filter((_, i) => i !== one.findIndex(({ type }) => type === 'batches') + 1);
  const renamed = one.map((frame) =>
    frame.type === 'epoch' && frame.epoch === 3 ? { ...frame, metrics: { rmse: 1 } } : frame,
  );
  for (const frames of [old, gap, renamed]) assert.equal(await thinnedColumnsOf(frames, { points: 9 }), null);
  assert.equal(await thinnedColumnsOf(one, {}), null);
  assert.equal(await thinnedColumnsOf(one, { points: 100 }), null);
  assert.equal(await thinnedColumnsOf(one, { points: 10_001 }), null);
  assert.notEqual(await thinnedColumnsOf(one, { points: 99 }), null);
});
