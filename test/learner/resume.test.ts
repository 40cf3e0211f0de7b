/**
 * Going on from a checkpoint gives the same bits as never having stopped: every policy, optimizer and stateful
 * callback, stopped at a random batch of training or validation. The seed is printed; SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import {
  checkpointFile,
  Checkpointer,
  completeOptimizer,
  makeCallbacks,
  planFor,
  readCheckpoint,
  runPhases,
  type Callback,
  type Checkpoint,
  type Learner,
  type LearnerSnapshot,
  type StepOptions,
} from '../../src/learner/index.js';
import { optimizerNames } from '../../src/optimizer/index.js';
import type { PhasePlan, PolicySpec } from '../../src/schedule/index.js';
import { randomWords } from '../../src/numbers/random.js';
import { synthLearner } from './learners.js';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.log(`SEED=${seed}`);
const words = randomWords(new Uint32Array(1000), { seed, purpose: 'order' });
let drawn = 0;
const below = (n: number): number => words[drawn++ % words.length] % n;

const policies: PolicySpec[] = [
  { name: 'fit', n_epoch: 3, lr: 0.02, schedules: { lr: { fn: 'sched_cos', start: 0.05, end: 0.001 } } },
  { name: 'fit_one_cycle', n_epoch: 3, lr_max: { start: 0.001, stop: 0.05 } },
  { name: 'fit_flat_cos', n_epoch: 3, lr: 0.02 },
  { name: 'fit_sgdr', n_cycles: 2, cycle_len: 1, lr_max: 0.05 },
  { name: 'fine_tune', epochs: 2, base_lr: 0.02, freeze_epochs: 2 },
  { name: 'lr_find', num_it: 25, start_lr: 1e-4, end_lr: 3 },
];

const callbackSets = {
  none: [],
  early_stopping: [{ name: 'early_stopping', monitor: 'valid_loss', patience: 1 }],
  save_best: [{ name: 'save_best', monitor: 'valid_loss' }],
  reduce_lr_on_plateau: [{ name: 'reduce_lr_on_plateau', monitor: 'train_loss', patience: 1, min_delta: 1 }],
  gradient_accumulation: [{ name: 'gradient_accumulation', n_acc: 40 }],
  mixup: [{ name: 'mixup' }],
};

/** What callbacks have compiled into the step; by callback set, where they have. */
const steps: Readonly<Record<string, StepOptions>> = {
  gradient_accumulation: { accumulate: true },
  mixup: { mixup: { alpha: 0.4 } },
};

/** One optimizer's Learner. */
function learnerOf(optimizer: string, step: StepOptions): Learner {
  const learn = synthLearner({
    dataset: { builtin: 'iris' },
    preset: { preset: 'mlp', hidden: [6], dropout: 0.3 },
    trainRows: 100,
    batchSize: 16,
    dropLast: false,
    metrics: ['accuracy', 'f1_score', 'roc_auc', 'confusion_matrix'],
    optimizer: completeOptimizer({ name: optimizer } as Parameters<typeof completeOptimizer>[0]),
    step,
  });
  learn.prepare([0, learn.groups - 1]);
  return learn;
}

interface Ran {
  batches: unknown;
  epochs: unknown;
  found: unknown;
  values: string[];
  optimizer: unknown;
}

/** Runs phases from a checkpoint, or from `start`; what came of it, to the bit. */
async function run(learn: Learner, phases: PhasePlan[], callbacks: Callback[], from: LearnerSnapshot | Checkpoint) {
  const resume = 'position' in from ? from : undefined;
  learn.recorder.batches.length = learn.recorder.epochs.length = 0;
  learn.lastEpoch = null;
  if (!('position' in from)) learn.restore(from);
  const found = await runPhases(learn, phases, { callbacks, resume });
  const { values, optimizer } = learn.snapshot();
  const ran: Ran = {
    batches: structuredClone(learn.recorder.batches),
    epochs: learn.recorder.epochs.map(({ seconds: _, ...rest }) => rest),
    found,
    values: values.map(bytesOf),
    optimizer,
  };
  return ran;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** Calls `act` before the nth batch that the run sees, training and validation together. */
const atBatch = (n: number, act: () => void): Callback => {
  let seen = 0;
  return {
    name: 'at',
    order: -2000,
    before_batch: () => {
      if (seen++ === n) act();
    },
  };
};

/** Runs until the `n`th batch and takes what the checkpoint file holds of it; null where the run ended before. */
async function stopAt(learn: Learner, phases: PhasePlan[], callbacks: Callback[], start: LearnerSnapshot, n: number) {
  let file: Buffer | null = null;
  const save = (checkpoint: Checkpoint): void => {
    file = Buffer.concat(checkpointFile(learn, checkpoint));
  };
  const checkpointer = new Checkpointer({ busy: false, save }, Infinity);
  const stopping = atBatch(n, () => checkpointer.stop('paused'));
  await run(learn, phases, [...callbacks, checkpointer, stopping], start);
  return checkpointer.stopped ? file : null;
}

/** How many batches a run has, validation's too. */
async function countBatches(learn: Learner, phases: PhasePlan[], callbacks: Callback[], start: LearnerSnapshot) {
  let count = 0;
  const counter: Callback = { name: 'count', before_batch: () => (count += 1) };
  const ran = await run(learn, phases, [...callbacks, counter], start);
  return { ran, count };
}

for (const optimizer of optimizerNames) {
  describe(optimizer, () => {
    for (const step of [{}, ...Object.values(steps)]) {
      // The optimizer has no part in how rows are mixed: one is enough.
      if ('mixup' in step && optimizer !== 'adam') continue;
      // The one that goes on has run other things before: nothing of those may be left.
      const [learn, other] = [learnerOf(optimizer, step), learnerOf(optimizer, step)];
      const start = structuredClone(learn.snapshot());
      for (const [set, specs] of Object.entries(callbackSets)) {
        if (!isDeepStrictEqual(steps[set] ?? {}, step)) continue;
        for (const policy of policies) {
          test(`${policy.name}, ${set}`, async () => {
            const finder = policy.name === 'lr_find';
            const callbacks = () => makeCallbacks(specs, { finder }).callbacks;
            const phases = planFor(learn, policy);
            const { ran, count } = await countBatches(learn, phases, callbacks(), start);
            assert.ok(count > 10);
            const n = below(count);
            const file = await stopAt(learn, phases, callbacks(), start, n);
            assert.ok(file, `stopped at ${n} of ${count}`);
            const { checkpoint } = readCheckpoint(other, file);
            assert.deepEqual(await run(other, phases, callbacks(), checkpoint), ran, `stopped at ${n} of ${count}`);
          });
        }
      }
    }
  });
}
