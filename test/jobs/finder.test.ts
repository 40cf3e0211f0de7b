import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SuggestionName } from '../../src/schedule/index.js';
import { gate, outline, reaches, spec, wholeLog, world, type World } from './harness.js';

/** A fit whose rate a finder suggests; the tags are the finder's. */
async function fitWithFinder(
  w: World,
  tags: Record<string, string>,
  suggestion: SuggestionName = 'valley',
): Promise<{ fit: string; finder: string }> {
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: { lr_find: { suggestion } } } }),
    finder: { spec: spec(tags, { policy: { name: 'lr_find', num_it: 100 } }), suggestion },
  });
  assert.equal(record.status, 'waiting');
  return { fit: record.id, finder: record.lr_find!.job };
}

test('a fit waits for its finder and runs at the rate that it suggests', async (t) => {
  const w = await world(t);
  const { fit, finder } = await fitWithFinder(w, { batches: '100' });
  assert.deepEqual((await w.jobs.get(fit))?.lr_find, { job: finder, suggestion: 'valley', value: null });
  assert.equal((await w.jobs.get(finder))?.type, 'lr_find');
  await w.worker();
  const done = await reaches(w.jobs, fit, 'completed');
  const found = (await w.jobs.get(finder))!;
  assert.equal(found.result?.stopped, 'num_it');
  const value = found.result.suggestions?.valley;
  assert.ok(typeof value === 'number' && value > 0);
  assert.deepEqual(done.lr_find, { job: finder, suggestion: 'valley', value });
  assert.deepEqual(done.spec.policy, { name: 'fit_one_cycle', n_epoch: 2, lr_max: value });
  assert.deepEqual(outline(await wholeLog(w.jobs, fit)), [
    'waiting',
    'queued',
    'running',
    'batches',
    'epoch',
    'completed',
  ]);
});

test('a finder without that suggestion: the fit fails with no_suggestion', async (t) => {
  const w = await world(t);
  await w.worker();
  const { fit, finder } = await fitWithFinder(w, { batches: '100', loss: 'nan' });
  const { error, started_at } = await reaches(w.jobs, fit, 'failed');
  assert.equal(error?.code, 'no_suggestion');
  assert.equal(started_at, null);
  const { result } = await reaches(w.jobs, finder, 'completed');
  assert.equal(result?.suggestions?.valley, null);
  assert.ok(error.message.includes(result.reasons!.valley!));
  assert.deepEqual(outline(await wholeLog(w.jobs, fit)), ['waiting', 'failed']);
});

test('a finder that fails: the fit fails with finder_failed', async (t) => {
  const w = await world(t);
  await w.worker();
  const failures: Record<string, string>[] = [{ ending: 'failed' }, { crash_until: '9' }];
  for (const tags of failures) {
    const { fit } = await fitWithFinder(w, tags);
    assert.equal((await reaches(w.jobs, fit, 'failed')).error?.code, 'finder_failed');
  }
});

for (const [who, running] of [
  ['fit', false],
  ['fit', true],
  ['finder', false],
  ['finder', true],
] as const) {
  test(`cancelling the ${who} while the finder is ${running ? 'running' : 'queued'} cancels both`, async (t) => {
    const w = await world(t);
    if (running) await w.worker();
    const ids = await fitWithFinder(w, gate(w).tags);
    if (running) await reaches(w.jobs, ids.finder, 'running');
    await w.jobs.cancel(ids[who]);
    await reaches(w.jobs, ids.finder, 'cancelled');
    await reaches(w.jobs, ids.fit, 'cancelled');
    // Nothing of them blocks the queue.
    if (!running) await w.worker();
    const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
    await reaches(w.jobs, record.id, 'completed');
    assert.equal((await w.jobs.get(ids.fit))?.status, 'cancelled');
  });
}
