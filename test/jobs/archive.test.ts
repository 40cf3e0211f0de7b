import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archiveLogs } from '../../src/jobs/log/archive.js';
import { artifacts } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { reaches, spec, until, wholeLog, world } from './harness.js';

test('the log of an ended job moves to storage, and reads the same from there', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({ batches: '3000', per_frame: '1' }, { name: 'ünïcödé' }),
  });
  const log = await wholeLog(w.jobs, record.id);
  await until('the log is stored', async () =>
    (await w.redis.zscore(keys.unarchived, record.id)) === null ? true : null,
  );
  assert.ok((await w.redis.ttl(keys.log(record.id))) > 0);
  // As it will be when its time in Redis is over.
  await w.redis.del(keys.log(record.id));
  assert.deepEqual(await wholeLog(w.jobs, record.id), log);
  assert.deepEqual(await wholeLog(w.jobs, record.id, 2500), log.slice(2500));
  assert.deepEqual(await w.jobs.readLog(record.id, 10, 3), log.slice(10, 13));
  assert.deepEqual(await w.jobs.readLog(record.id, log.length - 1, 100), log.slice(-1));
  assert.deepEqual(await w.jobs.readLog(record.id, log.length, 100), []);
});

test('a reader that is far behind finds the rest in storage', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3000', per_frame: '1' }) });
  const slow = w.jobs.follow(record.id, 0, AbortSignal.timeout(60_000))[Symbol.asyncIterator]();
  const seen = [(await slow.next()).value];
  const worker = await w.worker();
  await reaches(w.jobs, record.id, 'completed');
  await until('the log is stored', async () =>
    (await w.redis.zscore(keys.unarchived, record.id)) === null ? true : null,
  );
  await w.redis.del(keys.log(record.id));
  for (let next = await slow.next(); !next.done; next = await slow.next()) seen.push(next.value);
  assert.deepEqual(seen, await wholeLog(w.jobs, record.id));
  assert.equal(seen.length, 3004);
  worker.kill();
});

test('a job that never ran has its log stored too, once', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.jobs.cancel(record.id);
  assert.deepEqual(await archiveLogs(w.redis, w.storage), [record.id]);
  assert.deepEqual(await archiveLogs(w.redis, w.storage), []);
  assert.equal(
    String(await w.storage.get(artifacts.log(record.id))),
    '{"type":"status","status":"queued","attempt":1}\n{"type":"status","status":"cancelled","attempt":1}\n',
  );
});
