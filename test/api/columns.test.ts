import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../src/jobs/index.js';
import { columnsOf as columnsOfFrames } from './curve-stores.js';

const batches = (first: number, count: number, phase = 0, mom = false): Frame => {
  const iteration = Array.from({ length: count }, (_, i) => first + i);
  const row = iteration.map((i) => i / 10);
  return {
    type: 'batches',
    seq: 0,
    attempt: 1,
    phase,
    epoch: iteration.map((i) => Math.floor(i / 4)),
    iteration,
    raw_loss: row,
    loss: row,
    hypers: { lr: [row, row], ...(mom && { mom: [row, row] }) },
  };
};
const epoch = (n: number): Frame => ({
  type: 'epoch',
  seq: 0,
  attempt: 1,
  epoch: n,
  phase: 0,
  train_loss: n,
  valid_loss: null,
  metrics: {},
  seconds: 1,
});
const rewind = (iteration: number, n: number): Frame => ({ type: 'rewind', seq: 0, attempt: 2, iteration, epoch: n });

const columnsOf = (...frames: Frame[]) => columnsOfFrames(frames);

test('a rewind takes back iterations, and the epochs that they ended', async () => {
  const run = [batches(0, 4), epoch(0), batches(4, 4), epoch(1), batches(8, 1)];
  const whole = await columnsOf(...run, batches(9, 3), epoch(2));
  for (const k of [0, 3, 4, 6, 8, 9, 12]) {
    const again = [batches(0, 4), epoch(0), batches(4, 4), epoch(1), batches(8, 4), epoch(2)].flatMap((frame) =>
      rest(frame, k),
    );
    assert.deepEqual(
      await columnsOf(...run, batches(9, 3), epoch(2), rewind(k, Math.floor(k / 4)), ...again),
      whole,
      `rewound to ${k}`,
    );
  }
});

test('a rewind of an earlier version, which names no epoch, takes back those that have iterations left', async () => {
  const old: Frame = { type: 'rewind', seq: 0, attempt: 2, iteration: 6 };
  const run = [batches(0, 4), epoch(0), batches(4, 4), epoch(1), batches(8, 1)];
  assert.deepEqual(await columnsOf(...run, old, batches(6, 2), epoch(1), batches(8, 1)), await columnsOf(...run));
});

test('an epoch whose validation comes again is there once', async () => {
  const run = [batches(0, 4), epoch(0), batches(4, 4)];
  const whole = await columnsOf(...run, epoch(1));
  // The checkpoint was made within the validation of epoch 1: after all its batches, before its end.
  assert.deepEqual(await columnsOf(...run, rewind(8, 1), epoch(1), rewind(8, 1), epoch(1)), whole);
});

/** What a run that goes on from iteration k says once more of a frame. */
function rest(frame: Frame, k: number): Frame[] {
  if (frame.type === 'epoch') return frame.epoch * 4 + 4 > k ? [frame] : [];
  if (frame.type !== 'batches') return [frame];
  const last = frame.iteration.at(-1)!;
  const first = Math.max(k, frame.iteration[0]);
  return last < k ? [] : [batches(first, last - first + 1)];
}

test('a hyper that only a later phase has is null before', async () => {
  assert.deepEqual((await columnsOf(batches(0, 2), batches(2, 1, 1, true))).hypers.mom, [
    [null, null, 0.2],
    [null, null, 0.2],
  ]);
  assert.deepEqual((await columnsOf(batches(0, 1, 0, true), batches(1, 1))).hypers.mom, [
    [0, null],
    [0, null],
  ]);
});

test('what is more than memory may hold is on disk, and the same; a rewind reaches back into it', async () => {
  const epochsOf = (first: number, count: number) =>
    Array.from({ length: count / 4 }, (_, i) => [batches(first + 4 * i, 4), epoch(first / 4 + i)]).flat();
  const frames = [...epochsOf(0, 20_000), rewind(5002, 1250), batches(5002, 2), epoch(1250), ...epochsOf(5004, 8000)];
  for (const part of [{}, { from: 4000, to: 9000 }, { points: 300 }, { from: 100, points: 1 }]) {
    const [inMemory, onDisk] = [await columnsOfFrames(frames, part, Infinity), await columnsOfFrames(frames, part, 0)];
    assert.deepEqual(onDisk, inMemory);
  }
  const { iteration, epochs } = await columnsOfFrames(frames, {}, 0);
  assert.deepEqual([iteration.length, iteration.at(-1), epochs.length], [13_004, 13_003, 3251]);
});
