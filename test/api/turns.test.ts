/** So many requests read curves at once; more wait, and too many are told to come back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/api/history/turns.js';

test('turns are taken in order; who finds too many waiting is told so', async () => {
  const turns = new Turns(1, 2);
  const taken: number[] = [];
  const take = async (n: number) => {
    const end = await turns.take();
    taken.push(n);
    return end;
  };
  const first = await take(0);
  const waiting = [take(1), take(2)];
  await assert.rejects(take(3), { code: 'busy' });
  assert.deepEqual(taken, [0]);
  first();
  first();
  (await waiting[0])();
  (await waiting[1])();
  assert.deepEqual(taken, [0, 1, 2]);
  (await take(4))();
});
