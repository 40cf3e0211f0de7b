/** A worker that was given up for dead comes back: whatever it still sends is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts } from '../../src/jobs/artifacts.js';
import { childrenOf, gate, iterations, lives, reaches, spec, trains, until, wholeLog, world } from '../jobs/harness.js';

test('a worker stopped by SIGSTOP comes back: its frames and checkpoints are refused, its trainer ends', async (t) => {
  const w = await world(t);
  const first = await w.worker();
  const hold = gate(w);
  const tags = { ...hold.tags, checkpoint_every: '50' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(tags, { keep_checkpoints: 1000 }) });
  const checkpoints = () => w.jobs.checkpoints(record.id);
  await until('it has a checkpoint', async () => ((await checkpoints()).length > 0 ? true : null));
  const fenced = childrenOf(first.pid!);
  first.kill('SIGSTOP');
  const sinceMs = performance.now();
  const before = (await checkpoints()).length;
  await w.worker();
  await trains(w, record.id, 2);
  assert.ok(performance.now() - sinceMs < 20_000, 'within the bound that docs/failures.md names');
  // The trainer of the first went on meanwhile: frames and checkpoints wait for their worker.
  first.kill('SIGCONT');
  await until('the first worker has ended its trainer', () => (fenced.every(lives) ? null : true), 20_000);
  await until('the second one makes checkpoints', async () => ((await checkpoints()).length > before ? true : null));
  await hold.open();
  assert.equal((await reaches(w.jobs, record.id, 'completed')).attempt, 2);
  const frames = await wholeLog(w.jobs, record.id);
  const rewind = frames.findIndex(({ type }) => type === 'rewind');
  assert.deepEqual(iterations(frames.slice(rewind), 1), []);
  const listed = await checkpoints();
  assert.ok(listed.slice(before).every(({ attempt }) => attempt === 2));
  assert.deepEqual(
    (await w.storage.list(artifacts.checkpoints(record.id))).sort(),
    listed.map(({ id }) => `${id}.safetensors`).sort(),
  );
  await until('its work folder is gone', async () => (await w.storage.list('tmp')).length === 0 || null);
});
