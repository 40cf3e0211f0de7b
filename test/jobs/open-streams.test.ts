import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenStreams, type StreamLease } from '../../src/jobs/access/open-streams.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { world } from './harness.js';

test('streams are counted over processes; those that are kept stay, those of a killed process run out', async (t) => {
  const { redis } = await world(t);
  // Two API processes; one that is killed renews no more.
  const [one, killed] = [new OpenStreams(redis), new OpenStreams(redis)];
  t.after(() => one.close());
  const limits = [
    { of: 'key:k', most: null },
    { of: 'tenant:a', most: 2 },
  ];
  const open = async (at: OpenStreams, limit = limits): Promise<StreamLease> => {
    const lease = await at.take(limit);
    assert.ok(!('reached' in lease));
    lease.keep();
    return lease;
  };
  const kept = await open(one);
  await open(killed);
  assert.deepEqual(await one.take(limits), { reached: 1 });
  assert.deepEqual(await one.take([{ of: 'key:k', most: 2 }]), { reached: 0 });
  await open(one, [{ of: 'tenant:b', most: 1 }]);
  killed.close();
  // As if half a minute had passed.
  const counted = keys.openStreams('tenant:a');
  for (const token of await redis.zrange(counted, '0', '-1')) await redis.zadd(counted, 1, token);
  await Promise.all([one.renew(), killed.renew()]);
  const next = await open(one);
  // What is kept still counts.
  assert.deepEqual(await one.take(limits), { reached: 1 });
  next.end();
  kept.end();
  const freed = await one.take([{ of: 'tenant:a', most: 1 }]);
  assert.ok(!('reached' in freed));
});
