/** Deleting jobs: what goes, what stays for others, and what a process that dies in between leaves to the tidying. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { artifacts, Jobs, parseFrame, type JobRecord, type StoredFrame } from '../../src/jobs/index.js';
import { storeLog } from '../../src/jobs/log/archive.js';
import { keys } from '../../src/jobs/redis/keys.js';
import type { Client } from '../../src/jobs/redis/client.js';
import { FolderStorage } from '../../src/storage/index.js';
import { end, gate, reaches, spec, until, waitsForWork, wholeLog, world, type World } from './harness.js';

/** What a key holds, whatever its type. */
async function content(redis: Client, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'list':
      return redis.lrange(key, 0, -1);
    default:
      return redis.xrange(key, '-', '+');
  }
}

/**
 * The Redis keys that have to do with a job, and its files. A log that is about to expire doesn't count, nor does
 * BullMQ's stream of events, which BullMQ trims.
 */
async function traces({ redis, folder }: World, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of (await redis.keys('*')).filter((name) => !name.endsWith(':events'))) {
    const seconds = key === keys.log(id) ? await redis.ttl(key) : -1;
    if (seconds >= 0 && seconds <= 10) continue;
    if (key.includes(id) || JSON.stringify(await content(redis, key)).includes(id)) found.push(key);
  }
  // A folder that goes while it is listed fails the listing: something is still there.
  const files = await readdir(folder, { recursive: true }).catch(() => [`${id} is going`]);
  return [...found, ...files.filter((file) => file.includes(id)).map((file) => file.replace('artifacts/', ''))];
}

const forgotten = (w: World, id: string): Promise<true> =>
  until(`nothing is left of ${id}`, async () => ((await traces(w, id)).length === 0 ? true : null));

const trainedTo = (w: World, id: string, iteration: number) =>
  until(`it has trained ${iteration}`, async () => (await w.jobs.existing(id)).progress.iteration >= iteration || null);

const inline: JobRecord['spec']['dataset'] = {
  inline: { rows: 1, sha256: '', x_shape: [1], target: { kind: 'classes', classes: 2 } },
};

/** A job that has completed, with checkpoints. */
async function completed(w: World, more: Parameters<typeof spec>[1] = {}): Promise<JobRecord> {
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ checkpoint_every: '5' }, more) });
  return reaches(w.jobs, record.id, 'completed');
}

/** A job that goes on from another one's last checkpoint, and waits in the queue. */
async function continuing(w: World, source: string, tags = {}): Promise<JobRecord> {
  const { id: checkpoint } = await w.jobs.checkpoint(source, 'last');
  const continue_from = { job: source, checkpoint, optimizer: false };
  return (await w.jobs.create({ type: 'fit', spec: spec(tags, { continue_from }) })).record;
}

test('all that there is of a job goes with it, and its idempotency key stands for a new one', async (t) => {
  const w = await world(t);
  await w.worker();
  const more = { concurrency_key: 'k', concurrency_limit: 1, dataset: inline };
  const job = {
    type: 'fit',
    spec: spec({ checkpoint_every: '5' }, more),
    files: { dataset: Buffer.from('{}') },
    idempotency: { key: 'key', bodyHash: 'hash' },
  } as const;
  const { id } = (await w.jobs.create(job)).record;
  await reaches(w.jobs, id, 'completed');
  await until('its log is stored', () => w.storage.exists(artifacts.log(id)).then((stored) => stored || null));
  const before = await traces(w, id);
  for (const name of [keys.record(id), keys.checkpoints(id), keys.idempotency('key'), artifacts.dataset(id)])
    assert.ok(before.includes(name), `${name} is in ${before.join()}`);

  await w.jobs.remove(id);
  assert.equal(await w.storage.exists(artifacts.folder(id)), false);
  await forgotten(w, id);
  assert.equal(await w.jobs.get(id), null);
  assert.deepEqual((await w.jobs.list({ limit: 10 })).data, []);
  await assert.rejects(w.jobs.checkpoints(id), { code: 'job_not_found' });
  await assert.rejects(w.jobs.remove(id), { code: 'job_not_found' });

  const again = await w.jobs.create(job);
  assert.ok(again.created && again.record.id !== id);
  await reaches(w.jobs, again.record.id, 'completed');
});

test('a job that has not begun leaves its place in the queue and its concurrency key to the next', async (t) => {
  const w = await world(t);
  const keyed = spec({}, { concurrency_key: 'k', concurrency_limit: 1 });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push((await w.jobs.create({ type: 'fit', spec: keyed })).record.id);
  const [inLine, aside, paused, last] = ids;
  await w.jobs.pause(paused);
  const followed = wholeLog(w.jobs, paused);
  for (const id of [aside, paused, inLine]) await w.jobs.remove(id);
  // Whoever follows it hears that it has ended.
  assert.deepEqual(
    (await followed).map((frame) => frame.type === 'status' && frame.status),
    ['queued', 'paused', 'cancelled'],
  );
  assert.deepEqual(
    (await w.jobs.queue({ limit: 10, after: 0 })).data.map(({ job }) => job),
    [last],
  );
  assert.equal(await w.redis.zcard(keys.aside), 0);
  for (const id of [aside, paused, inLine]) await forgotten(w, id);
  await w.worker();
  await reaches(w.jobs, last, 'completed');
});

test('what runs is not deleted, nor a fit that waits, nor its finder; a fit takes its finder along', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const policy = { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } as const;
  const finderSpec = spec({ ...g.tags, deaf: 'yes' }, { policy: { name: 'lr_find' } });
  const { record: fit } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { policy }),
    finder: { spec: finderSpec, suggestion: 'valley' },
  });
  const finder = fit.lr_find!.job;
  const refused = (id: string, message: RegExp) => assert.rejects(w.jobs.remove(id), { code: 'conflict', message });
  await reaches(w.jobs, finder, 'running');
  await refused(finder, /is running: cancel it first/);
  await refused(fit.id, /is waiting for its finder: cancel it first/);
  await w.jobs.pause(finder);
  await refused(finder, /is running/);
  // The fit ends at once, its finder when the trainer has heard of it.
  await w.jobs.cancel(fit.id);
  await refused(fit.id, /Finder .* of this job is still running/);
  await reaches(w.jobs, finder, 'cancelled');
  await w.jobs.remove(fit.id);
  for (const id of [fit.id, finder]) {
    await assert.rejects(w.jobs.remove(id), { code: 'job_not_found' });
    await forgotten(w, id);
  }
});

test('a finder that its fit waits for is not deleted even where it does not run', async (t) => {
  const w = await world(t);
  const policy = { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } as const;
  const { record: fit } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { policy }),
    finder: { spec: spec({}, { policy: { name: 'lr_find' } }), suggestion: 'valley' },
  });
  await assert.rejects(w.jobs.remove(fit.lr_find!.job), {
    code: 'conflict',
    message: new RegExp(`${fit.id} is waiting`),
  });
  await w.worker();
  await reaches(w.jobs, fit.id, 'completed');
  // Now it may go by itself.
  await w.jobs.remove(fit.lr_find!.job);
  await w.jobs.existing(fit.id);
});

test('a checkpoint that others go on from stays until the last of them is deleted', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { id: source } = await completed(w);
  const { id: checkpoint } = await w.jobs.checkpoint(source, 'last');
  await end(worker, 'SIGTERM');
  const first = await continuing(w, source);
  const second = await continuing(w, source);

  await w.jobs.remove(source);
  assert.equal(await w.jobs.get(source), null);
  await assert.rejects(w.jobs.checkpoint(source, checkpoint), { code: 'job_not_found' });
  assert.deepEqual(await w.redis.hkeys(keys.checkpoints(source)), [checkpoint]);
  assert.deepEqual(await w.storage.list(artifacts.folder(source)), ['checkpoints']);
  assert.deepEqual(await w.storage.list(artifacts.checkpoints(source)), [`${checkpoint}.safetensors`]);

  await w.worker();
  for (const { id } of [first, second]) await reaches(w.jobs, id, 'completed');
  await w.jobs.remove(first.id);
  assert.ok(await w.storage.exists(artifacts.checkpoint(source, checkpoint)));
  await w.jobs.remove(second.id);
  assert.equal(await w.storage.exists(artifacts.folder(source)), false);
  for (const id of [source, first.id, second.id]) await forgotten(w, id);
});

test('jobs that are posted while their source is deleted have its checkpoint, or are refused', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { id: source } = await completed(w);
  await end(worker, 'SIGTERM');
  const { id: checkpoint } = await w.jobs.checkpoint(source, 'last');
  const continue_from = { job: source, checkpoint, optimizer: false };
  const create = () => w.jobs.create({ type: 'fit', spec: spec({}, { continue_from }) });
  const posted: ReturnType<typeof create>[] = [];
  // Two are on their way when it is deleted; two come after it and are refused unless one of these was in time.
  posted.push(create(), create());
  const removal = w.jobs.remove(source);
  posted.push(create(), create());
  const outcomes = await Promise.allSettled(posted);
  await removal;
  const created = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.record.id] : []));
  for (const each of outcomes)
    if (each.status === 'rejected') assert.equal((each.reason as { code?: string }).code, 'conflict');
  assert.equal(await w.storage.exists(artifacts.checkpoint(source, checkpoint)), created.length > 0);
  assert.deepEqual((await w.redis.smembers(keys.pins(checkpoint))).sort(), created.sort());
  await Promise.all(created.map((id) => w.jobs.remove(id)));
  for (const id of [source, ...created]) await forgotten(w, id);
  await assert.rejects(create(), { code: 'conflict' });
});

test('a checkpoint that a job kept for another alone goes with that, as keep_checkpoints has it', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({ ...g.tags, batches: '60', checkpoint_every: '5' }),
  });
  await until('it has a checkpoint', async () => ((await w.jobs.checkpoints(record.id)).length > 0 ? true : null));
  const other = await continuing(w, record.id);
  const { checkpoint } = other.spec.continue_from!;
  await trainedTo(w, record.id, (await w.jobs.existing(record.id)).progress.iteration + 30);
  await g.open();
  await reaches(w.jobs, record.id, 'completed');
  const ids = async () => (await w.jobs.checkpoints(record.id)).map(({ id }) => id);
  assert.equal((await ids())[0], checkpoint);
  assert.equal((await ids()).length, 3);
  await reaches(w.jobs, other.id, 'completed');
  await w.jobs.remove(other.id);
  assert.equal((await ids()).length, 2);
  assert.deepEqual(
    (await w.storage.list(artifacts.checkpoints(record.id))).sort(),
    (await ids()).map((id) => `${id}.safetensors`).sort(),
  );
});

test("a retry that was posted before its source was deleted goes on from the source's checkpoint", async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({ ...g.tags, batches: '400' }, { dataset: inline }),
    files: { dataset: Buffer.from('{}') },
  });
  await trainedTo(w, record.id, 10);
  await w.jobs.cancel(record.id);
  await reaches(w.jobs, record.id, 'cancelled');
  const last = await w.jobs.checkpoint(record.id, 'last');
  await end(worker, 'SIGTERM');
  const retried = await w.jobs.retry(record.id);
  await w.jobs.remove(record.id);
  await assert.rejects(w.jobs.retry(record.id), { code: 'job_not_found' });
  await g.open();
  await w.worker();
  const ended = await reaches(w.jobs, retried.id, 'completed');
  assert.deepEqual([ended.resumed?.[0].from, ended.resumed?.[0].iteration], [last.id, last.iteration]);
  await w.jobs.remove(retried.id);
  await forgotten(w, record.id);
});

test('who reads an old log far behind comes to an end when the job is deleted', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3000', per_frame: '1' }) });
  await reaches(w.jobs, record.id, 'completed');
  await storeLog(w.redis, w.storage, record.id);
  await end(worker, 'SIGTERM');
  await w.redis.del(keys.log(record.id));
  const reader = w.jobs.follow(record.id, 0, AbortSignal.timeout(30_000))[Symbol.asyncIterator]();
  let last = parseFrame((await reader.next()).value as StoredFrame);
  await w.jobs.remove(record.id);
  for (let next = await reader.next(); !next.done; next = await reader.next()) last = parseFrame(next.value);
  assert.equal(last.type, 'batches');
});

test('Valkey and the process die between the record and the files: a worker removes these', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { id } = await completed(w);
  await end(worker, 'SIGTERM');
  class DyingStorage extends FolderStorage {
    override async remove(): Promise<void> {
      await w.stopRedis('SIGKILL');
      throw new Error('the process is gone');
    }
  }
  const jobs = await Jobs.connect(w.address, new DyingStorage(join(w.folder, 'artifacts')));
  t.after(() => jobs.close());
  await jobs.remove(id);
  await w.startRedis();
  assert.equal(await w.jobs.get(id), null);
  assert.ok(await w.storage.exists(artifacts.weights(id, 1)));
  // A client that had no answer asks again.
  assert.deepEqual(await w.redis.smembers(keys.leftovers), [id]);
  await w.worker();
  await forgotten(w, id);
});

test('ONECYCLE_KEEP_DAYS: a worker deletes jobs that ended longer ago, and no others', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const [old, younger, unfinished] = [await completed(w), await completed(w), { id: '' }];
  await end(worker, 'SIGTERM');
  unfinished.id = (await w.jobs.create({ type: 'fit', spec: spec({}, { device: 'gpu' }) })).record.id;
  const ended = (id: string, daysAgo: number) => {
    const at = new Date(Date.now() - daysAgo * 24 * 3600 * 1000).toISOString();
    return w.redis.hset(keys.record(id), 'finished_at', JSON.stringify(at));
  };
  await ended(old.id, 30.1);
  await ended(younger.id, 29.9);
  await w.worker();
  // It has tidied up by then.
  await waitsForWork(w.redis);
  assert.ok(await w.jobs.get(old.id), 'without the variable it stays');
  await w.worker({ env: { ONECYCLE_KEEP_DAYS: '30' } });
  await forgotten(w, old.id);
  assert.deepEqual(
    (await w.jobs.list({ limit: 10 })).data.map(({ id }) => id).sort(),
    [younger.id, unfinished.id].sort(),
  );
});
