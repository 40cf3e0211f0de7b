/** What befalls the second and the tenth job of a trainer is what befalls the first one of a process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpec } from '../../src/request/spec.js';
import { isTerminal } from '../../src/jobs/index.js';
import { gate, spec, trains, until, world, type World } from '../jobs/harness.js';

const once = { max_attempts: 1 };

/** By error: what a job is that ends with it. */
const ends: Record<string, { tags: Record<string, string>; limits: Partial<JobSpec> }> = {
  trainer_crashed: { tags: { crash_until: '9' }, limits: once },
  stalled: { tags: { hang_until: '9' }, limits: { ...once, stall_seconds: 1 } },
  timeout: { tags: { gate: 'never' }, limits: { timeout_seconds: 1 } },
  out_of_memory: { tags: { eat: 'heap', eat_until: '9' }, limits: once },
  diverged: { tags: { ending: 'failed' }, limits: once },
};

/** How a job ends, and which of its trainer's it was. */
async function ran(w: World, id: string): Promise<{ end: string; nth: number }> {
  const { status, error, engine } = await until(`${id} has ended`, async () => {
    const record = await w.jobs.get(id);
    return record && isTerminal(record.status) ? record : null;
  });
  return { end: error?.code ?? status, nth: Number(engine?.version) };
}

async function run(w: World, tags: Record<string, string> = {}, limits: Partial<JobSpec> = {}) {
  return ran(w, (await w.jobs.create({ type: 'fit', spec: spec(tags, limits) })).record.id);
}

/** Jobs that complete, `from` being how many the trainer has run, until the next one will be its `nth`. */
async function before(w: World, nth: number, from: number): Promise<void> {
  for (let i = from + 1; i < nth; i++) assert.deepEqual(await run(w), { end: 'completed', nth: i });
}

test('the second and the tenth job of a trainer', async (t) => {
  const w = await world(t);
  await w.worker({ env: { NODE_OPTIONS: '--max-old-space-size=48' } });
  await before(w, 2, 0);
  for (const nth of [2, 10])
    for (const [end, { tags, limits }] of Object.entries(ends))
      await t.test(`job ${nth} ends with ${end}, and another trainer takes the next`, async () => {
        await before(w, nth, 1);
        assert.deepEqual(await run(w, tags, limits), { end, nth });
        assert.deepEqual(await run(w), { end: 'completed', nth: 1 });
      });
  await t.test('one that is cancelled leaves its trainer to the next', async () => {
    await before(w, 10, 1);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags) });
    await trains(w, record.id);
    await w.jobs.cancel(record.id);
    assert.deepEqual(await ran(w, record.id), { end: 'cancelled', nth: 10 });
    assert.deepEqual(await run(w), { end: 'completed', nth: 11 });
  });
});
