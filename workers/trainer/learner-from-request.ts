import { readFileSync } from 'node:fs';
import { BatchLoader, loadDataset, splitRows } from '../../src/data/index.js';
import type { Engine } from '../../src/engine/index.js';
import type { JobSpec } from '../../src/request/types.js';
import { FailOnNaN, makeCallbacks } from '../../src/learner/callbacks/index.js';
import { Learner, loadState, Recorder } from '../../src/learner/index.js';
import type { MetricName } from '../../src/learner/metrics/index.js';
import { initialWeights, planModel, readGivenWeights, type ModelPlan } from '../../src/models/index.js';
import type { ToTrainer } from '../protocol.js';

type Files = Extract<ToTrainer, { type: 'start' }>['files'];

/** Makes the Learner that a job's spec describes, where it starts from included. @throws OnecycleError as data, models and state do */
export function learnerFromSpec(engine: Engine, spec: JobSpec, files: Files): Learner {
  const kind = spec.loss === 'mse' ? 'values' : 'classes';
  const dataset = loadDataset(spec.dataset, {
    kind,
    ...(files.dataset !== undefined && { inlineFile: files.dataset }),
  });
  const model = planModel(spec.model, dataset);
  const rows = splitRows(dataset.rows, spec.split);
  const loading = { dataset, batchSize: spec.batch_size, seed: spec.seed };
  const finder = spec.policy.name === 'lr_find';
  // A finder looks at no epoch, and its curve goes on where the loss does not; callbacks that track epochs have no say in it.
  const { callbacks, step } = makeCallbacks(
    spec.callbacks.filter(({ name }) => !finder || name.startsWith('gradient_')),
  );
  const endsOnNaN = finder || callbacks.some(({ name }) => name === 'terminate_on_nan');
  const learn = new Learner({
    engine,
    model,
    weights: startWeights(model, spec.seed, files),
    data: {
      dataset,
      train: new BatchLoader({ ...loading, rows: rows.train, shuffle: spec.shuffle, dropLast: spec.drop_last }),
      valid: rows.valid.length > 0 ? new BatchLoader({ ...loading, rows: rows.valid }) : null,
    },
    loss: spec.loss,
    optimizer: spec.optimizer,
    trainBn: spec.train_bn,
    wdBnBias: spec.wd_bn_bias,
    seed: spec.seed,
    callbacks: endsOnNaN ? callbacks : [new FailOnNaN(), ...callbacks],
    step,
    recorder: new Recorder(spec.metrics as MetricName[], false), // the job's log keeps it
  });
  if (files.continue_from !== undefined)
    loadState(learn, readFileSync(files.continue_from), { optimizer: spec.continue_from?.optimizer === true });
  return learn;
}

function startWeights(model: ModelPlan, seed: number, files: Files): Float32Array[] {
  const initial = initialWeights(model, seed);
  if (files.weights === undefined) return initial;
  const given = readGivenWeights(model, JSON.parse(readFileSync(files.weights, 'utf8')));
  return initial.map((weights, i) => given.get(i) ?? weights);
}
