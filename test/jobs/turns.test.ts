/** Tenants share workers in turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRecord, Poster } from '../../src/jobs/index.js';
import { gate, reaches, spec, until, world, type World } from './harness.js';

const as = (tenant: string, running: number | null = null): Poster => ({
  tenant,
  key: null,
  queued: { tenant: null, key: null },
  running: { tenant: running, key: null },
});

/** Posts jobs of a tenant. */
async function post(w: World, poster: Poster, count: number, priority = 0): Promise<JobRecord[]> {
  const made: JobRecord[] = [];
  for (let i = 0; i < count; i++)
    made.push((await w.jobs.create({ type: 'fit', spec: spec({}, { priority }) }, poster)).record);
  return made;
}

const queue = async (w: World, tenant?: string): Promise<string[]> =>
  (await w.jobs.queue({ limit: 100, after: 0, ...(tenant && { tenant }) })).data.map(({ job }) => job);

test('tenants take turns, each by its own priorities, with a trainer of its own', async (t) => {
  const w = await world(t);
  // Posted when there was no tenant yet: all of them are in line.
  const early = await post(w, as('default'), 2);
  const many = await post(w, as('acme'), 4);
  const few = await post(w, as('beta'), 1);
  const [urgent] = await post(w, as('beta'), 1, 1000);
  assert.deepEqual(await queue(w, 'beta'), [urgent.id, ...few.map(({ id }) => id)]);
  assert.equal((await queue(w)).length, 8, 'an operator sees all');
  await w.worker();
  const all = [...early, ...many, ...few, urgent];
  // A trainer is forked for nearly every job.
  const done = await until(
    'all are completed',
    async () => {
      const records = await Promise.all(all.map(({ id }) => w.jobs.existing(id)));
      return records.every(({ status }) => status === 'completed') ? records : null;
    },
    120_000,
  );
  const tenants = new Map(
    [early, many, [...few, urgent]].flatMap((jobs, i) => jobs.map(({ id }) => [id, ['default', 'acme', 'beta'][i]])),
  );
  const order = done.sort((a, b) => a.started_at!.localeCompare(b.started_at!));
  const turns = order.map(({ id }) => tenants.get(id));
  for (let round = 0; round < 2; round++)
    assert.equal(new Set(turns.slice(3 * round, 3 * round + 3)).size, 3, `each once a round: ${turns.join(' ')}`);
  const ofBeta = order.filter(({ id }) => tenants.get(id) === 'beta').map(({ id }) => id);
  assert.deepEqual(ofBeta, [urgent.id, ...few.map(({ id }) => id)]);
  // The stub tells which of its trainer's jobs a job was.
  order.forEach(({ engine }, i) => {
    if (i > 0 && turns[i] !== turns[i - 1]) assert.equal(engine?.version, '1', `job ${i} has a trainer of its own`);
  });
  assert.equal(order.at(-1)!.engine?.version, '2', 'a tenant’s own next job has the same');
});

test('a tenant runs no more jobs than it may, and the others wait; each that goes makes room', async (t) => {
  const w = await world(t);
  await Promise.all([w.worker(), w.worker()]);
  assert.ok((await w.jobs.largestMemory('auto'))! > 1e8);
  assert.equal(await w.jobs.largestMemory('gpu'), null, 'no such worker is known');
  const g = gate(w);
  const run = async (poster: Poster) => (await w.jobs.create({ type: 'fit', spec: spec(g.tags) }, poster)).record.id;
  const first = await run(as('acme', 1));
  await reaches(w.jobs, first, 'running');
  const [second, third, fourth] = [await run(as('acme', 1)), await run(as('acme', 1)), await run(as('acme', 1))];
  const other = await run(as('beta', 1));
  await reaches(w.jobs, other, 'running');
  assert.match((await w.jobs.get(second))!.queue!.reason, /other jobs of its tenant/);
  await w.jobs.cancel(second);
  await w.jobs.cancel(first);
  await reaches(w.jobs, third, 'running');
  assert.equal((await w.jobs.get(fourth))!.status, 'queued');
  // What waits in line, and is paused, leaves its place; resumed it waits again.
  await w.jobs.pause(fourth);
  await w.jobs.resume(fourth);
  assert.deepEqual(await queue(w, 'acme'), [fourth]);
  await g.open();
  for (const id of [third, fourth, other]) await reaches(w.jobs, id, 'completed');
  await until('nothing is left aside', async () =>
    (await w.redis.keys('onecycle:*aside*')).length === 0 ? true : null,
  );
});
