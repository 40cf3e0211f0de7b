import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atMost } from '../../src/api/max-rate.js';
import type { Frame, MergedFrame } from '../../src/jobs/frames.js';
import { storedFrame } from '../../src/jobs/log/entries.js';
import type { StoredFrame } from '../../src/jobs/index.js';

/** So slow that nothing comes due while a test runs. */
const never = 1e-6;

/** Frames as a log has them, from what they say. */
const log = (frames: readonly object[]): StoredFrame[] =>
  frames.map((frame, seq) => storedFrame(seq, JSON.stringify({ ...frame, attempt: 1 })));

const batches = (iteration: number[], raw_loss: (number | null)[], phase = 0, seconds?: number): object => ({
  type: 'batches',
  phase,
  epoch: iteration.map(() => 0),
  iteration,
  raw_loss,
  loss: raw_loss,
  hypers: { lr: [iteration, iteration.map((i) => 10 * i)] },
  ...(seconds !== undefined && { progress: { percent: seconds, estimated_finish: null, seconds } }),
});

async function* arriving(frames: readonly StoredFrame[]): AsyncGenerator<StoredFrame> {
  for (const frame of frames) yield await Promise.resolve(frame);
}

async function sent(frames: readonly StoredFrame[], maxRate = never): Promise<(Frame | MergedFrame)[]> {
  const all: (Frame | MergedFrame)[] = [];
  for await (const { json } of atMost(maxRate, arriving(frames))) all.push(JSON.parse(json) as Frame | MergedFrame);
  return all;
}

test('what comes too fast is one frame: the lowest, the highest and the last loss of it', async () => {
  const frames = log([
    batches([0], [9]),
    batches([1, 2, 3], [5, 8, 5]),
    batches([4, 5], [2, 6], 0, 0.5),
    batches([6, 7, 8], [3, 4, 5], 0, 0.7),
  ]);
  assert.deepEqual(await sent(frames), [
    JSON.parse(frames[0].json),
    {
      type: 'batches',
      seq: 3,
      from: 1,
      left_out: 5,
      phase: 0,
      epoch: [0, 0, 0],
      iteration: [2, 4, 8],
      raw_loss: [8, 2, 5],
      loss: [8, 2, 5],
      seconds: [null, 0.5, 0.7],
      hypers: {
        lr: [
          [2, 4, 8],
          [20, 40, 80],
        ],
      },
      attempt: 1,
      progress: { percent: 0.7, estimated_finish: null, seconds: 0.7 },
    },
  ]);
});

test('a loss that is not finite counts as the highest', async () => {
  const [, merged] = await sent(log([batches([0], [1]), batches([1, 2, 3], [1, null, 1]), batches([4, 5], [7, 3])]));
  assert.deepEqual([merged.type === 'batches' && merged.raw_loss], [[1, null, 3]]);
});

test('one frame alone goes as it was stored, and a slow job is left as it is', async () => {
  const frames = log([batches([0, 1, 2, 3], [1, 2, 3, 4]), { type: 'rewind', iteration: 0 }, batches([0, 1], [1, 2])]);
  assert.deepEqual(
    await sent(frames),
    frames.map(({ json }) => JSON.parse(json) as Frame),
  );
  const many = log(Array.from({ length: 50 }, (_, i) => batches([i], [i])));
  const slow = (async function* () {
    for (const frame of many) {
      yield frame;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  const seen: StoredFrame[] = [];
  for await (const frame of atMost(1000, slow)) seen.push(frame);
  assert.deepEqual(seen, many);
});

test('the newest batch comes when its time has come, though nothing follows it', async () => {
  const frames = log([batches([0], [1]), batches([1], [2]), batches([2], [3])]);
  let end = (): void => undefined;
  const source = (async function* () {
    yield* arriving(frames);
    await new Promise<void>((resolve) => (end = resolve));
  })();
  const seen: (Frame | MergedFrame)[] = [];
  for await (const { json, seq } of atMost(20, source)) {
    seen.push(JSON.parse(json) as Frame | MergedFrame);
    if (seq === 2) end();
  }
  assert.deepEqual(
    seen.map((frame) => frame.type === 'batches' && frame.iteration),
    [[0], [1, 2]],
  );
});

const frame = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 5 }), fc.nat(1)) },
  { weight: 1, arbitrary: fc.constant(null) },
);

test('whatever comes: each frame once and in order, no iteration unaccounted for, all but batches as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 30 }), fc.constantFrom(never, 0.1, 1000), async (parts, maxRate) => {
      let next = 0;
      const frames = log(
        parts.map((part) => {
          if (part === null) return { type: 'rewind', iteration: next };
          const [losses, phase] = part;
          const first = next;
          next += losses.length;
          return batches(
            losses.map((_, i) => first + i),
            losses,
            phase,
          );
        }),
      );
      const all = await sent(frames, maxRate);
      let place = 0;
      let iterations = 0;
      for (const each of all) {
        assert.equal('from' in each ? each.from : each.seq, place);
        place = each.seq + 1;
        if (each.type === 'batches') iterations += each.iteration.length + ('left_out' in each ? each.left_out : 0);
        if (!('from' in each)) assert.deepEqual(each, JSON.parse(frames[each.seq].json));
      }
      assert.deepEqual([place, iterations], [frames.length, next]);
    }),
    { numRuns: 300 },
  );
});
