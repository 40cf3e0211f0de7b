/**
 * A run that leaves its schedule anneals to zero from where it stands, is repeated from its spec, and goes on after a
 * stop.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkpointFile,
  Checkpointer,
  Finisher,
  planFor,
  readCheckpoint,
  runPhases,
  type Checkpoint,
  type Finish,
  type Learner,
} from '../../src/learner/index.js';
import type { PolicySpec } from '../../src/schedule/index.js';
import { synthLearner } from './learners.js';

const policy: PolicySpec = { name: 'fine_tune', epochs: 4, base_lr: 0.02, freeze_epochs: 1 };
const learner = (): Learner =>
  synthLearner({ dataset: { builtin: 'iris' }, preset: { preset: 'mlp', hidden: [6] }, trainRows: 100 });
const batchesOf = (learn: Learner) => learn.recorder.batches.map(({ raw_loss, hypers }) => ({ raw_loss, hypers }));

test('asked at iteration 11: the first phase is over, the second left, and the rates fall to zero from there', async () => {
  const learn = learner();
  let left: Finish | null = null;
  const finisher: Finisher = new Finisher(null, (finish) => (left = finish));
  const asking = {
    name: 'ask',
    order: -1000,
    before_batch: ({ iterationsDone }: { iterationsDone: number }) => {
      if (iterationsDone === 11) finisher.ask(2);
    },
  };
  await runPhases(learn, planFor(learn, policy), { callbacks: [asking], finisher });
  assert.deepEqual(left, { iteration: 11, cooldown: 2 });
  const lr = learn.recorder.batches.map(({ hypers }) => hypers.lr);
  assert.equal(lr.length, 11 + 2 * 6);
  assert.deepEqual(lr[11], lr[10]);
  const cooldown = lr.slice(11).map((groups) => groups.at(-1)!);
  assert.ok(cooldown.every((rate, i) => i === 0 || rate < cooldown[i - 1]));
  assert.ok(cooldown.at(-1)! < 0.05 * cooldown[0]);
  assert.deepEqual(
    learn.recorder.epochs.map(({ epoch, phase }) => [epoch, phase]),
    [
      [0, 0],
      [1, 2],
      [2, 2],
    ],
  );

  const again = learner();
  const planned = new Finisher({ iteration: 11, cooldown: 2 }, () => undefined);
  await runPhases(again, planFor(again, policy), { finisher: planned });
  assert.deepEqual(batchesOf(again), batchesOf(learn));
  assert.deepEqual(again.snapshot().values, learn.snapshot().values);

  // Stopped before it leaves, where it leaves, and in its cooldown: the same.
  for (const stop of [9, 11, 12, 17, 20]) {
    const first = learner();
    const files: Buffer[] = [];
    const save = (checkpoint: Checkpoint): void => void files.push(Buffer.concat(checkpointFile(first, checkpoint)));
    const checkpointer = new Checkpointer({ busy: false, save }, Infinity);
    const stopping = {
      name: 'stop',
      order: -2000,
      before_batch: ({ iterationsDone }: { iterationsDone: number }) => {
        if (iterationsDone === stop) checkpointer.stop('paused');
      },
    };
    const finish = (): Finisher => new Finisher({ iteration: 11, cooldown: 2 }, () => undefined);
    await runPhases(first, planFor(first, policy), { callbacks: [stopping, checkpointer], finisher: finish() });
    assert.ok(checkpointer.stopped, `stopped at ${stop}`);
    const second = learner();
    const { checkpoint } = readCheckpoint(second, files[0]);
    await runPhases(second, planFor(second, policy), { resume: checkpoint, finisher: finish() });
    assert.deepEqual(batchesOf(second), batchesOf(learn), `stopped at ${stop}`);
    assert.deepEqual(second.snapshot().values, learn.snapshot().values);
  }
});
