/** Which part of a job's curves a client gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Columns } from '../../src/api/columns.js';
import { narrow } from './curve-stores.js';

const perEpoch = 4;

/** A run of two phases whose second has a hyper of its own; the epoch that is under way has no row yet. */
function columnsOf(losses: (number | null)[]): Columns {
  const iteration = losses.map((_, i) => i);
  const second = Math.floor(losses.length / 2);
  return {
    iteration,
    epoch: iteration.map((i) => Math.floor(i / perEpoch)),
    phase: iteration.map((i) => (i < second ? 0 : 1)),
    raw_loss: losses,
    seconds: losses.map((_, i) => i / 10),
    loss: iteration.map((i) => i / 10),
    hypers: { lr: [iteration, iteration.map((i) => -i)], mom: [iteration.map((i) => (i < second ? null : i))] },
    epochs: Array.from({ length: Math.floor(losses.length / perEpoch) }, (_, n) => epochRow(n, 1)),
  };
}

const epochRow = (epoch: number, valid_loss: number | null, train_loss: number | null = 1) => ({
  ...{ epoch, phase: 0, train_loss, valid_loss },
  ...{ metrics: {}, seconds: 1 },
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const epochsOf = ({ epochs }: Columns): number[] => epochs.map(({ epoch }) => epoch);

test('a range has its first and its last iteration, and the epochs that they belong to', async () => {
  const whole = columnsOf(upTo(14));
  for (const [part, iteration, epochs] of [
    [{}, upTo(14), [0, 1, 2]],
    [{ from: 0, to: 13 }, upTo(14), [0, 1, 2]],
    [{ from: 5 }, upTo(14).slice(5), [1, 2]],
    [{ to: 5 }, upTo(6), [0, 1]],
    [{ from: 3, to: 8 }, [3, 4, 5, 6, 7, 8], [0, 1, 2]],
    [{ from: 4, to: 7 }, [4, 5, 6, 7], [1]],
    [{ from: 7, to: 7 }, [7], [1]],
    [{ from: 12 }, [12, 13], []],
    [{ from: 0, to: 0 }, [0], [0]],
    [{ to: 1000 }, upTo(14), [0, 1, 2]],
    [{ from: 14 }, [], []],
    [{ from: 1000, to: 2000 }, [], []],
  ] as const) {
    const narrowed = await narrow(whole, part);
    assert.deepEqual([narrowed.iteration, epochsOf(narrowed)], [iteration, epochs], JSON.stringify(part));
  }
});

test('a job that has trained nothing has nothing, whatever is asked for', async () => {
  for (const part of [{}, { from: 3, to: 4 }, { points: 1 }])
    assert.deepEqual(await narrow(columnsOf([]), part), { ...columnsOf([]), hypers: { lr: [[], []], mom: [[]] } });
});

test('an epoch without an iteration is in the whole, and in a range that goes beyond it', async () => {
  const columns = { ...columnsOf(upTo(8)), epochs: [0, 1, 2].map((epoch) => epochRow(epoch, 1)) };
  assert.deepEqual(epochsOf(await narrow(columns, {})), [0, 1, 2]);
  assert.deepEqual(epochsOf(await narrow(columns, { from: 4 })), [1, 2]);
  assert.deepEqual(epochsOf(await narrow(columns, { to: 6 })), [0, 1]);
});

test('buckets are of the range, and of as many rows, whatever their phase', async () => {
  const losses = [9, 0, 5, 5, 5, 5, 8, 1, 5, 2, 7, 5];
  assert.deepEqual(
    (await narrow(columnsOf(losses), { points: 6 })).iteration,
    [0, 1, 5, 7, 6, 11].sort((a, b) => a - b),
  );
  assert.deepEqual((await narrow(columnsOf(losses), { from: 2, to: 10, points: 3 })).iteration, [6, 7, 10]);
  assert.deepEqual((await narrow(columnsOf(losses), { from: 2, to: 10, points: 2 })).iteration, [6, 10]);
  assert.deepEqual((await narrow(columnsOf(losses), { from: 2, to: 10, points: 1 })).iteration, [10]);
});

test('every column has the rows that are kept, as they were', async () => {
  const value = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -9, max: 9 }) }, fc.constant(null));
  const part = fc.record(
    { from: fc.nat(120), length: fc.nat(120), points: fc.integer({ min: 1, max: 120 }) },
    { requiredKeys: ['from'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 100 }), part, async (losses, { from, length, points }) => {
      const whole = columnsOf(losses);
      const to = length === undefined ? undefined : from + length;
      const { iteration, epoch, phase, raw_loss, loss, seconds, hypers, epochs } = await narrow(whole, {
        from,
        to,
        points,
      });
      const within = whole.iteration.filter((i) => i >= from && i <= (to ?? Infinity));
      assert.ok(iteration.length <= (points ?? Infinity) && epochs.length <= (points ?? Infinity));
      assert.equal(iteration.at(-1), within.at(-1));
      if (within.length <= (points ?? Infinity)) assert.deepEqual(iteration, within);
      const kept = <T>(column: T[]): T[] => iteration.map((i) => column[i]);
      assert.deepEqual(
        { epoch, phase, raw_loss, loss, seconds, hypers },
        {
          epoch: kept(whole.epoch),
          phase: kept(whole.phase),
          raw_loss: kept(whole.raw_loss),
          seconds: kept(whole.seconds),
          loss: kept(whole.loss),
          hypers: { lr: whole.hypers.lr.map(kept), mom: whole.hypers.mom.map(kept) },
        },
      );
    }),
  );
});

test('epochs are thinned by valid_loss; where none validates, by train_loss', async () => {
  const valid = [3, 1, 2, 9, null, 5];
  const columns = columnsOf(upTo(24));
  const thinned = async (epochs: Columns['epochs'], points: number) =>
    epochsOf(await narrow({ ...columns, epochs }, { points }));
  const validated = valid.map((loss, n) => epochRow(n, loss, 10 - n));
  assert.deepEqual(await thinned(validated, 6), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await thinned(validated, 3), [1, 4, 5], 'lowest, diverged, last');
  assert.deepEqual(await thinned(validated, 1), [5]);
  const trained = valid.map((loss, n) => epochRow(n, null, loss));
  assert.deepEqual(await thinned(trained, 3), [1, 4, 5]);
});
