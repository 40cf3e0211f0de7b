/** Where a run that is told to stop goes on, in corners that random positions seldom meet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  between,
  cancelFit,
  Checkpointer,
  Finisher,
  planFor,
  runPhases,
  type Callback,
  type Checkpoint,
} from '../../src/learner/index.js';
import type { PolicySpec } from '../../src/schedule/index.js';
import { synthLearner } from './learners.js';

const learner = () =>
  synthLearner({ dataset: { builtin: 'iris' }, preset: { preset: 'mlp', hidden: [6] }, trainRows: 100 });

test('a validation that a callback cut short with its fit is nowhere to go back to', async () => {
  const policy: PolicySpec = { name: 'fine_tune', epochs: 2, base_lr: 0.01, freeze_epochs: 1 };
  const learn = learner();
  const saved: Checkpoint[] = [];
  const checkpointer = new Checkpointer(
    {
      busy: false,
      save: (checkpoint, reason) => {
        if (reason === 'paused') saved.push(checkpoint);
      },
    },
    Infinity,
  );
  const cutShort: Callback = {
    name: 'cut_short',
    before_batch: ({ phase, training, iterationsDone }) => {
      if (phase === 0 && !training) throw cancelFit();
      if (phase === 1 && iterationsDone === 8) checkpointer.stop('paused');
    },
  };
  await runPhases(learn, planFor(learn, policy), { callbacks: [cutShort, checkpointer] });
  const [{ position, snapshot }] = saved;
  assert.deepEqual([position, snapshot.iterationsDone], [{ phase: 1, epoch: 0, batch: 3, fitIteration: 3 }, 9]);
});

test('what has ended is not cooled down where it goes on from its end, whatever iteration it was to leave at', async () => {
  const learn = learner();
  const phases = planFor(learn, { name: 'fit', n_epoch: 1, lr: 0.01 });
  const finisher = () =>
    new Finisher({ iteration: 1000, cooldown: 2 }, () => assert.fail('there is no such iteration'));
  await runPhases(learn, phases, { finisher: finisher() });
  assert.equal(learn.iterationsDone, 6);
  await runPhases(learn, phases, { finisher: finisher(), resume: between(learn, learn.phase + 1) });
  assert.equal(learn.iterationsDone, 6);
});

test('however short the interval, there is no checkpoint before the first batch, and none twice at one place', async () => {
  const learn = learner();
  const kept: number[] = [];
  const save = ({ snapshot }: Checkpoint, reason: string): void => {
    if (reason === 'interval') kept.push(snapshot.iterationsDone);
  };
  const checkpointer = new Checkpointer({ busy: false, save }, 0);
  await runPhases(learn, planFor(learn, { name: 'fit', n_epoch: 2, lr: 0.01 }), { callbacks: [checkpointer] });
  assert.deepEqual(kept, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});
