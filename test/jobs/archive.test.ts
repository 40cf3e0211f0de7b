import assert from 'node:assert/strict';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { readColumns } from '../../src/api/log-reader.js';
import { LogArchive, storeLog } from '../../src/jobs/log/archive.js';
import { FolderStorage } from '../../src/storage/index.js';
import { artifacts, Jobs, parseFrame, type StoredFrame } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { thin } from '../../src/numbers/thin.js';
import { end, reaches, readFrames, spec, until, wholeLog, world, type World } from './harness.js';

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
  assert.deepEqual(await readFrames(w.jobs, record.id, 10, 3), log.slice(10, 13));
  assert.deepEqual(await readFrames(w.jobs, record.id, log.length - 1, 100), log.slice(-1));
  assert.deepEqual(await readFrames(w.jobs, record.id, log.length, 100), []);
});

test('a reader that is far behind finds the rest in storage', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3000', per_frame: '1' }) });
  const slow = w.jobs.follow(record.id, 0, AbortSignal.timeout(60_000))[Symbol.asyncIterator]();
  const seen = [parseFrame((await slow.next()).value as StoredFrame)];
  const worker = await w.worker();
  await reaches(w.jobs, record.id, 'completed');
  await until('the log is stored', async () =>
    (await w.redis.zscore(keys.unarchived, record.id)) === null ? true : null,
  );
  await w.redis.del(keys.log(record.id));
  for (let next = await slow.next(); !next.done; next = await slow.next()) seen.push(parseFrame(next.value));
  assert.deepEqual(seen, await wholeLog(w.jobs, record.id));
  assert.equal(seen.length, 3004);
  worker.kill();
});

test('a job that never ran has its log stored too, once', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.jobs.cancel(record.id);
  const archive = new LogArchive(w.redis, w.storage);
  assert.deepEqual(await archive.storeAll(), { stored: [record.id], failed: [] });
  assert.deepEqual(await archive.storeAll(), { stored: [], failed: [] });
  await w.redis.del(keys.log(record.id));
  assert.deepEqual(await readFrames(w.jobs, record.id), [
    { type: 'status', seq: 0, status: 'queued', attempt: 1 },
    { type: 'status', seq: 1, status: 'cancelled', attempt: 1 },
  ]);
});

/** Counts the bytes that are read. */
class CountingStorage extends FolderStorage {
  bytes = 0;

  override async get(name: string): Promise<Buffer> {
    const content = await super.get(name);
    this.bytes += content.length;
    return content;
  }

  override async stream(name: string, range?: { start: number; end: number }) {
    const stream = await super.stream(name, range);
    const { size } = stream;
    const content = await buffer(stream);
    this.bytes += content.length;
    return Object.assign(Readable.from([content]), { size });
  }
}

test('the last of 100,000 iterations are read from storage without the rest, by frame and by iteration', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '100000', per_frame: '20' }) });
  await reaches(w.jobs, record.id, 'completed');
  const log = await w.jobs.readLog(record.id, 0, 1_000_000);
  await storeLog(w.redis, w.storage, record.id);
  await w.redis.del(keys.log(record.id));

  const storage = new CountingStorage(join(w.folder, 'artifacts'));
  const size = (await w.storage.get(artifacts.log(record.id))).length;
  const jobs = await Jobs.connect(w.address, storage);
  t.after(() => jobs.close());
  // Five frames, the epoch's and the terminal one: where a chunk ends among them two are read, and the index.
  assert.deepEqual(await jobs.readLog(record.id, log.length - 7), log.slice(-7));
  assert.ok(storage.bytes < 0.05 * size, `${storage.bytes} of ${size} bytes were read`);
  t.diagnostic(`${storage.bytes} of ${size} bytes were read`);

  storage.bytes = 0;
  const late = await readColumns({ jobs, storage }, record.id, { from: 99_900 });
  assert.ok(storage.bytes < 0.05 * size, `${storage.bytes} of ${size} bytes were read`);
  const whole = await readColumns({ jobs, storage }, record.id);
  assert.deepEqual(
    [late.iteration, late.hypers.lr[0]],
    [whole.iteration.slice(99_900), whole.hypers.lr[0].slice(99_900)],
  );
  assert.equal(late.iteration.length, 100);
  for (const part of [
    { from: 0, to: 99_999, points: 1000 },
    { from: 50_001, to: 98_765, points: 100 },
  ]) {
    const few = await readColumns({ jobs, storage }, record.id, part);
    const rows = thin(whole.raw_loss.slice(part.from, part.to + 1), part.points).map((row) => part.from + row);
    assert.deepEqual(few.iteration, rows);
    assert.deepEqual(
      [few.loss, few.hypers.lr[0], few.seconds],
      [whole.loss, whole.hypers.lr[0], whole.seconds].map((values) => rows.map((row) => values[row])),
    );
  }
  assert.deepEqual(await jobs.readLog(record.id, 0, 1_000_000), log);
});

test('of a job that has ended Redis keeps the record, a line per checkpoint and its places in the lists, no more', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) ids.push((await w.jobs.create({ type: 'fit', spec: spec() })).record.id);
  for (const id of ids) await reaches(w.jobs, id, 'completed');
  for (const id of ids) await storeLog(w.redis, w.storage, id);
  await end(worker, 'SIGTERM');
  // Their time in Redis is over.
  for (const id of ids) await w.redis.del(keys.log(id));
  const left = (await w.redis.keys('*')).filter((key) => ids.some((id) => key.includes(id)));
  assert.deepEqual(left.sort(), ids.flatMap((id) => [keys.record(id), keys.checkpoints(id)]).sort());
  assert.equal(await w.redis.zcard(keys.unarchived), 0);
  for (const id of ids) {
    for (const key of [keys.record(id), keys.checkpoints(id)]) {
      const bytes = await w.redis.memory('USAGE', key);
      t.diagnostic(`${key} takes ${bytes ?? 'no'} bytes`);
      assert.ok(bytes !== null && bytes < 8192, `${key} takes ${bytes ?? 'no'} bytes`);
    }
  }
});

/** A job that has ended without a worker. */
async function ended(w: World): Promise<string> {
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.jobs.cancel(record.id);
  return record.id;
}

test('a log that cannot be stored keeps no other from it, and is tried again, later each time', async (t) => {
  const w = await world(t);
  const ids = [await ended(w), await ended(w), await ended(w)];
  // No file can be put where a folder is.
  const obstacle = join(w.folder, 'artifacts', artifacts.log(ids[1]));
  await mkdir(obstacle, { recursive: true });
  const archive = new LogArchive(w.redis, w.storage);
  const store = async (nowMs: number): Promise<[stored: string[], failed: [string, number][]]> => {
    const { stored, failed } = await archive.storeAll(nowMs);
    return [stored, failed.map(({ job, againMs }) => [job, againMs])];
  };
  assert.deepEqual(await store(0), [[ids[0], ids[2]], [[ids[1], 5000]]]);
  assert.deepEqual(await store(4999), [[], []]);
  assert.deepEqual(await store(5000), [[], [[ids[1], 10_000]]]);
  assert.deepEqual(await store(14_999), [[], []]);
  await rmdir(obstacle);
  assert.deepEqual(await store(15_000), [[ids[1]], []]);
  await w.redis.del(keys.log(ids[1]));
  assert.equal((await wholeLog(w.jobs, ids[1])).length, 2);
});

test('a worker far behind leaves a stored log as it is, and stores none that Redis does not have whole', async (t) => {
  const w = await world(t);
  const [stored, half] = [await ended(w), await ended(w)];
  const log = await wholeLog(w.jobs, stored);
  await storeLog(w.redis, w.storage, stored);
  // Its time in Redis is over when the other worker, which has listed it before, comes to it.
  await w.redis.del(keys.log(stored));
  await storeLog(w.redis, w.storage, stored);
  assert.deepEqual(await wholeLog(w.jobs, stored), log);
  // Or it goes while that worker reads it.
  await w.redis.xdel(keys.log(half), '0-1');
  await assert.rejects(storeLog(w.redis, w.storage, half), /has 1 frames of this log's 2/);
  assert.equal(await w.storage.exists(artifacts.log(half)), false);
  assert.notEqual(await w.redis.zscore(keys.unarchived, half), null);
});

/** A worker's storage: it is given up for dead before it puts what it has read, and goes on when it is told to. */
class LateStorage extends FolderStorage {
  readonly reached = deferred();
  readonly goOn = deferred();

  override async put(...args: Parameters<FolderStorage['put']>): Promise<void> {
    this.reached.resolve();
    await this.goOn.promise;
    return super.put(...args);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

test('a worker that puts a log late leaves what another has stored meanwhile', async (t) => {
  const w = await world(t);
  const late = async (id: string): Promise<{ storing: Promise<void>; goOn: () => void }> => {
    const storage = new LateStorage(join(w.folder, 'artifacts'));
    const storing = storeLog(w.redis, storage, id);
    storing.catch(() => {});
    await storage.reached.promise;
    return { storing, goOn: storage.goOn.resolve };
  };
  const same = await ended(w);
  const log = await wholeLog(w.jobs, same);
  const slow = await late(same);
  await storeLog(w.redis, w.storage, same);
  await w.redis.del(keys.log(same));
  slow.goOn();
  await slow.storing;
  assert.deepEqual(await wholeLog(w.jobs, same), log);

  // Redis has failed over to a replica that did not have the last frames yet, and the job has ended once more.
  const other = await ended(w);
  const slower = await late(other);
  await w.redis.xadd(keys.log(other), '2-1', 'frame', '{"type":"status","status":"cancelled","attempt":2}');
  await w.redis.hset(keys.record(other), '_seq', '3');
  await storeLog(w.redis, w.storage, other);
  const stored = await w.storage.get(artifacts.log(other));
  slower.goOn();
  await assert.rejects(slower.storing, { code: 'conflict' });
  assert.deepEqual(await w.storage.get(artifacts.log(other)), stored);
  await storeLog(w.redis, w.storage, other);
  assert.deepEqual(await w.storage.get(artifacts.log(other)), stored);
});
