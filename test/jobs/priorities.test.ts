import assert from 'node:assert/strict';
import { test } from 'node:test';
import { end, gate, reaches, spec, until, waitsForWork, world, type World } from './harness.js';

/** Posts a job of a priority. */
const post = async (w: World, priority: number): Promise<string> =>
  (await w.jobs.create({ type: 'fit', spec: spec({}, { priority }) })).record.id;

/** The ids in the order in which their jobs began. */
async function startOrder(w: World, ids: string[]): Promise<string[]> {
  const records = await Promise.all(ids.map((id) => reaches(w.jobs, id, 'completed')));
  return records.sort((a, b) => a.started_at!.localeCompare(b.started_at!)).map(({ id }) => id);
}

const queueOrder = async (w: World): Promise<string[]> =>
  (await w.jobs.queue({ limit: 100, after: 0 })).data.map(({ job }) => job);

test('the higher priority runs first, in one priority what was posted first; the queue tells so before', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const busy = (await w.jobs.create({ type: 'fit', spec: spec(g.tags) })).record.id;
  await reaches(w.jobs, busy, 'running');
  const posted: { id: string; priority: number }[] = [];
  for (const priority of [0, 5, -3, 1000, 5, 0, -1000]) posted.push({ id: await post(w, priority), priority });
  const expected = [...posted].sort((a, b) => b.priority - a.priority).map(({ id }) => id);
  assert.deepEqual(await queueOrder(w), expected);
  await g.open();
  assert.deepEqual(await startOrder(w, expected), expected);
});

test('a fit whose rate was found goes before others of its priority, and not before those of a higher one', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const { record: fit } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } }),
    finder: { spec: spec({ ...g.tags, batches: '100' }, { policy: { name: 'lr_find' } }), suggestion: 'valley' },
  });
  await reaches(w.jobs, fit.lr_find!.job, 'running');
  const [same, higher] = [await post(w, 0), await post(w, 1)];
  await g.open();
  assert.deepEqual(await startOrder(w, [same, fit.id, higher]), [higher, fit.id, same]);
});

test('a job that a worker hands back goes before others of its priority', async (t) => {
  const w = await world(t);
  const first = await w.worker();
  const g = gate(w);
  const { record: back } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
  await reaches(w.jobs, back.id, 'running');
  const [same, higher] = [await post(w, 0), await post(w, 1)];
  await end(first, 'SIGTERM');
  assert.deepEqual(await queueOrder(w), [higher, back.id, same]);
  await g.open();
  await w.worker();
  assert.deepEqual((await startOrder(w, [same, higher])).at(-1), same);
  assert.equal((await reaches(w.jobs, back.id, 'completed')).attempt, 2);
});

test('a worker that waits for a job is woken for one that is handed back', async (t) => {
  const w = await world(t);
  const first = await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
  await reaches(w.jobs, record.id, 'running');
  await w.worker();
  await waitsForWork(w.redis);
  await end(first, 'SIGTERM');
  // It would look by itself after 5 s.
  await until('it runs again', async () => ((await w.jobs.get(record.id))?.status === 'running' ? true : null), 2500);
  await g.open();
  await reaches(w.jobs, record.id, 'completed');
});
