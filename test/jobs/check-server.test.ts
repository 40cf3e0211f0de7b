/** Servers that jobs cannot be entrusted to, and one that cannot write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered } from '../../src/jobs/answered.js';
import { Jobs } from '../../src/jobs/index.js';
import { checkServer, nameOf } from '../../src/jobs/redis/check-server.js';
import { world } from './harness.js';

test('a server that throws keys away when its memory is full is refused at the start, by its address', async (t) => {
  const { redis, address, storage } = await world(t);
  await checkServer(redis, address);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const connecting = Jobs.connect(address, storage);
  await assert.rejects(connecting, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'redis_unsuitable');
    assert.ok(error.message.includes(address.path) && error.message.includes('noeviction'), error.message);
    return true;
  });
});

test('an address is named without its password', () => {
  for (const [address, name] of [
    ['redis://user:secret@host:6380/2', 'redis://user:…@host:6380/2'],
    ['rediss://:secret@host', 'rediss://:…@host'],
    ['redis://host:6379', 'redis://host:6379'],
  ])
    assert.equal(nameOf(address), name);
  assert.equal(nameOf({ path: '/data/valkey.sock' }), '/data/valkey.sock');
});

test('a server that cannot write to its disk is a full disk', async () => {
  const refused = new Error('MISCONF Errors writing to the AOF file: No space left on device');
  await assert.rejects(
    answered(() => Promise.reject(refused)),
    { code: 'disk_full' },
  );
  const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
  await assert.rejects(
    answered(() => Promise.reject(full)),
    { code: 'unavailable' },
  );
});
