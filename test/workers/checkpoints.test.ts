/** What a trainer writes, and what of it its worker has yet to bring to storage. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { FromTrainer, JobError } from '../../workers/protocol.js';
import { TrainerProcess } from '../../workers/worker/trainer-process.js';
import type { JobSpec } from '../../src/request/spec.js';
import { realTrainer, spec } from '../jobs/harness.js';

interface Heard {
  reasons: string[];
  error: JobError | null;
}

/** Trains to the end; `onCheckpoint` is called for each that is written. */
async function trains(
  t: TestContext,
  more: Partial<JobSpec>,
  onCheckpoint: (trainer: TrainerProcess) => void,
): Promise<Heard> {
  const out = mkdtempSync(join(tmpdir(), 'onecycle-trainer-'));
  const modules = join(out, 'failing.mjs');
  writeFileSync(modules, failing);
  const trainer = new TrainerProcess(realTrainer, { ...process.env, ONECYCLE_CALLBACKS: modules }, { threads: 1 });
  t.after(async () => {
    trainer.kill();
    await trainer.gone;
    rmSync(out, { recursive: true });
  });
  await trainer.ready;
  const heard: Heard = { reasons: [], error: null };
  const ended = new Promise<void>((resolve) => {
    trainer.listen((message: FromTrainer) => {
      if (message.type === 'checkpoint') {
        heard.reasons.push(message.checkpoint.reason);
        onCheckpoint(trainer);
      } else if (message.type === 'completed') resolve();
      else if (message.type === 'failed') {
        heard.error = message.error;
        resolve();
      }
    });
  });
  trainer.send({ type: 'start', job: 'job_1', attempt: 1, spec: spec({}, more), out, files: {}, resume: [] });
  await Promise.race([ended, trainer.gone.then((how) => assert.fail(`the trainer died: ${how}`))]);
  return heard;
}

/** Fails in its sixth epoch. */
const failing = `
export const callbacks = {
  failing: () => ({ callback: { name: 'failing', before_train: ({ epoch }) => { if (epoch === 5) throw new Error('no more'); } } }),
};`;

const often = { policy: { name: 'fit', n_epoch: 400, lr: 0.01 }, checkpoint_seconds: 0.001 } as const;

test('while a checkpoint is on its way to storage none is due: a slow storage fills no disk', async (t) => {
  assert.deepEqual((await trains(t, often, () => undefined)).reasons, ['interval', 'final']);
});

test('once it is kept the next is due', async (t) => {
  const { reasons } = await trains(t, often, (trainer) => trainer.send({ type: 'kept' }));
  assert.equal(reasons.at(-1), 'final');
  assert.ok(reasons.length > 5, `${reasons.length} checkpoints`);
});

const best = { ...often, checkpoint_seconds: 1000, callbacks: [{ name: 'save_best' }] } satisfies Partial<JobSpec>;

test('of the best epochs that come while one is on its way the last is written, at the end too', async (t) => {
  assert.deepEqual((await trains(t, best, () => undefined)).reasons, ['best', 'best', 'final']);
});

test('the best before a failure is written, while another is on its way too', async (t) => {
  const fails = { ...best, callbacks: [...best.callbacks, { name: 'failing' }] };
  const { reasons, error } = await trains(t, fails, () => undefined);
  assert.match(error?.message ?? '', /no more/);
  assert.deepEqual(reasons, ['best', 'best']);
});
