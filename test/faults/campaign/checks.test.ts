/** What a campaign checks is seen where it does not hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../e2e/harness.js';
import { logProblems, thrownAway } from './log.js';
import { difference } from './outcome.js';

const blank: Frame = {
  type: 'status',
  seq: 0,
  attempt: 1,
  phase: 0,
  epoch: 0,
  iteration: 0,
  raw_loss: [],
  loss: [],
  hypers: {},
  status: 'running',
  train_loss: 0,
  valid_loss: 0,
  metrics: {},
  seconds: 0,
};
const log = (...frames: Partial<Frame>[]): Frame[] => frames.map((frame, seq) => ({ ...blank, seq, ...frame }));
const batches = (...iteration: number[]) => ({ type: 'batches', iteration }) as const;
const epoch = (seconds: number) => ({ type: 'epoch', seconds }) as const;
const rewind = (iteration: number) => ({ type: 'rewind', iteration }) as const;

test('a log must count from 0 without a hole, and its terminal frame must be the last and only one', () => {
  assert.deepEqual(logProblems(log({}, batches(0), { status: 'completed' })), []);
  assert.equal(logProblems(log({}, { ...batches(0), seq: 2 }, { status: 'completed' })).length, 1);
  assert.equal(logProblems(log({ seq: 1 }, { seq: 2, status: 'completed' })).length, 1);
  assert.equal(logProblems(log({ status: 'completed' }, batches(0))).length, 1);
  assert.equal(logProblems(log({ status: 'completed' }, { status: 'completed' })).length, 1);
  assert.equal(logProblems(log({}, batches(0))).length, 1);
});

test('what a rewind threw away is told in iterations and, by the pace of the epochs before it, in seconds', () => {
  const frames = log(batches(0, 1), epoch(2), batches(2, 3), epoch(4), batches(4), rewind(1), batches(1, 2), rewind(2));
  assert.deepEqual(thrownAway(frames, 100), [
    { iterations: 4, seconds: 4 * 1.5 },
    { iterations: 1, seconds: 0.1 },
  ]);
});

test('outcomes differ in a last bit, in a length, and in what only one has', () => {
  const outcome = { loss: [0.1 + 0.2, null], hypers: { lr: [[1]] } };
  assert.equal(difference(outcome, structuredClone(outcome)), null);
  assert.match(difference(outcome, { ...outcome, loss: [0.3, null] }) ?? '', /^\/loss\/0 is 0.3, should be/);
  assert.match(difference(outcome, { ...outcome, loss: [0.1 + 0.2] }) ?? '', /^\/loss has 1 values, should have 2/);
  assert.match(difference(outcome, { ...outcome, more: 1 }) ?? '', /^\/more is 1/);
});
