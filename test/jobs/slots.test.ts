/** Several jobs at once on one worker: what each has of its threads, and what becomes of the others when one ends. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { shareFor } from '../../src/jobs/slots.js';
import type { EngineInfo, JobRecord } from '../../src/jobs/record.js';
import type { JobSpec } from '../../src/request/spec.js';
import {
  gate,
  reaches,
  readFrames,
  realTrainer,
  spec,
  trainersOf,
  trains,
  until,
  world,
  type World,
} from './harness.js';

const three = { ONECYCLE_THREADS: '3', ONECYCLE_SLOTS: '3' };
const large: Partial<JobSpec> = { threads: 3 };

const post = async (w: World, tags: Record<string, string>, more: Partial<JobSpec> = {}): Promise<JobRecord> =>
  (await w.jobs.create({ type: 'fit', spec: spec(tags, more) })).record;

/** What the one worker says that it runs: jobs with their threads. */
const runs = async (w: World) => (await w.jobs.workers())[0];

test('small jobs run beside one another; of one that crashes, is cancelled or paused the others notice nothing', async (t) => {
  const w = await world(t);
  const worker = await w.worker({ env: three });
  const g = gate(w);
  const stays = await post(w, g.tags);
  await trains(w, stays.id);
  // Its trainer kills itself by SIGKILL.
  const crashes = await post(w, { crash_until: '2', ...g.tags });
  await trains(w, crashes.id, 2);
  const cancelled = await post(w, g.tags);
  await trains(w, cancelled.id);
  const told = await until('it says that it runs three', async () => {
    const found = await runs(w);
    return found.jobs.length === 3 ? found : null;
  });
  const ofEach = [stays, crashes, cancelled].map(({ id }) => ({ job: id, threads: 1 }));
  assert.deepEqual([told.job, told.jobs, told.status], [stays.id, ofEach, 'busy']);
  assert.deepEqual([told.threads, told.slots], [3, 3]);
  assert.deepEqual(
    (({ running, jobs, workers, free }) => ({ running, jobs, workers, free }))(
      await w.jobs.demand({ device: 'cpu', labels: {} }),
    ),
    { running: 3, jobs: 3, workers: 1, free: 0 },
  );
  await w.jobs.cancel(cancelled.id);
  await reaches(w.jobs, cancelled.id, 'cancelled');
  await w.jobs.pause(crashes.id);
  await reaches(w.jobs, crashes.id, 'paused');
  // What is left of the two makes room.
  const next = await post(w, { batches: '3' });
  await reaches(w.jobs, next.id, 'completed');
  assert.equal((await w.jobs.get(stays.id))?.status, 'running');
  await g.open();
  assert.equal((await reaches(w.jobs, stays.id, 'completed')).attempt, 1);
  // One a slot, and the warm one.
  assert.ok(trainersOf(worker.pid!).length <= 4);
});

test('a large job waits until all threads are free, first in its line, and nothing overtakes it', async (t) => {
  const w = await world(t);
  await w.worker({ env: three });
  const [first, second] = [gate(w, 'first'), gate(w, 'second')];
  const small = [await post(w, first.tags), await post(w, second.tags)];
  for (const { id } of small) await trains(w, id);
  const waits = await post(w, { batches: '3' }, large);
  const behind = await post(w, { batches: '3' });
  await first.open();
  await reaches(w.jobs, small[0].id, 'completed');
  const { last_seen_at: before } = await runs(w);
  await until('the worker has looked again', async () => ((await runs(w)).last_seen_at > before ? true : null));
  await until('both stand in line', async () => {
    const { data } = await w.jobs.queue({ limit: 10, after: 0 });
    return data.map(({ job }) => job).join() === [waits.id, behind.id].join() ? true : null;
  });
  await second.open();
  const [ahead, after] = [await reaches(w.jobs, waits.id, 'completed'), await reaches(w.jobs, behind.id, 'completed')];
  assert.deepEqual([ahead.engine?.threads, after.engine?.threads], [3, 1]);
  const ended = (await w.jobs.get(small[1].id))!;
  assert.ok(ended.finished_at! <= ahead.started_at!);
  assert.ok(ahead.finished_at! <= after.started_at!, 'the small one has waited for the large one');
});

test('one is kept warm for each number of threads that jobs have had', async (t) => {
  const w = await world(t);
  const worker = await w.worker({ env: three });
  const g = gate(w);
  await trains(w, (await post(w, g.tags, large)).id);
  const threads = () =>
    trainersOf(worker.pid!).map((pid) =>
      Number(/TF_NUM_INTRAOP_THREADS=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1]),
    );
  await until('one that trains and one that waits have three, one has one', () =>
    threads().sort().join() === '1,3,3' ? true : null,
  );
  await g.open();
});

test('the same spec has the same bits alone and beside another', async (t) => {
  const w = await world(t);
  await w.worker({ trainer: realTrainer, env: { ONECYCLE_THREADS: '2', ONECYCLE_SLOTS: '2' } });
  const losses = async ({ id }: JobRecord): Promise<unknown> => {
    assert.equal((await reaches(w.jobs, id, 'completed')).engine?.threads, 1);
    return (await readFrames(w.jobs, id)).flatMap((frame) => (frame.type === 'batches' ? frame.raw_loss : []));
  };
  const beside = [await post(w, {}), await post(w, {})];
  const [one, other] = await Promise.all(beside.map(losses));
  const alone = await losses(await post(w, {}));
  assert.deepEqual([one, other], [alone, alone]);
  assert.ok(Array.isArray(alone) && alone.length > 10);
});

test('how many threads a job has: those before it, those it asks for, else by its size', () => {
  const engine: EngineInfo = { name: 'tensorflow', version: '2', device: 'cpu:0' };
  const resnet = spec(
    {},
    { dataset: { random: { shape: [64, 64, 3], classes: 3, rows: 64, seed: 1 } }, model: { preset: 'resnet18' } },
  );
  const table: [what: string, JobSpec, before: EngineInfo | null, slots: number, threads: number][] = [
    ['a small model', spec(), null, 8, 1],
    ['a small model where jobs run one by one', spec(), null, 1, 8],
    ['a large model', resnet, null, 8, 8],
    ['a large model that asks for fewer', { ...resnet, threads: 2 }, null, 8, 2],
    ['more than there are', { ...spec(), threads: 9 }, null, 8, 8],
    ['after an attempt with two', spec(), { ...engine, threads: 2 }, 8, 2],
    ['after an attempt on another worker, with more', { ...spec(), threads: 16 }, { ...engine, threads: 4 }, 8, 4],
    ['after an attempt of a version that gave each job all', spec(), engine, 8, 8],
  ];
  for (const [what, of, before, slots, threads] of table)
    assert.deepEqual(shareFor(of, before, { threads: 8, slots, gpu_memory_bytes: null }), { threads }, what);
});

test('what a job has of a card: the memory that it states, and as large a part of the threads; else all', () => {
  const engine: EngineInfo = { name: 'tensorflow', version: '2', device: 'gpu:0', threads: 3 };
  const table: [what: string, more: Partial<JobSpec>, before: EngineInfo | null, memory: number, threads: number][] = [
    ['states nothing', {}, null, 80, 8],
    ['states a quarter', { gpu_memory_bytes: 20 }, null, 20, 2],
    ['states next to nothing', { gpu_memory_bytes: 1 }, null, 1, 1],
    ['states more than this card has', { gpu_memory_bytes: 100 }, null, 80, 8],
    ['says how many threads it wants', { gpu_memory_bytes: 20, threads: 5 }, null, 20, 5],
    ['had three threads before', { gpu_memory_bytes: 20 }, engine, 20, 3],
  ];
  for (const [what, more, before, gpu_memory_bytes, threads] of table)
    assert.deepEqual(
      shareFor(spec({}, more), before, { threads: 8, slots: 4, gpu_memory_bytes: 80 }),
      { threads, gpu_memory_bytes },
      what,
    );
});
