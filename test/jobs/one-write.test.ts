/** What is to reach the server together is held back until all of it is there. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inOneWrite } from '../../src/jobs/redis/one-write.js';
import { holderOf } from '../../src/jobs/redis/cluster.js';
import { world } from './harness.js';

test('commands of one turn leave in one write, those of a microtask too; then they do as before', async (t) => {
  const { redis } = await world(t);
  const stream = holderOf(redis)!.stream;
  const waiting = (): [corked: number, bytes: boolean] => [stream.writableCorked, stream.writableLength > 0];
  assert.deepEqual(waiting(), [0, false]);
  const answers = inOneWrite(redis, () =>
    Promise.all([redis.set('a', '1'), Promise.resolve().then(() => redis.incr('a'))]),
  );
  const one = stream.writableLength;
  await Promise.resolve();
  // Another one within joins them.
  const more = inOneWrite(redis, () => redis.incr('a'));
  assert.ok(stream.writableLength > one && one > 0);
  assert.equal(stream.writableCorked, 1);
  await turn();
  assert.equal(stream.writableCorked, 0);
  assert.deepEqual(await Promise.all([answers, more]), [['OK', 2], 3]);
  assert.deepEqual(waiting(), [0, false]);
});
