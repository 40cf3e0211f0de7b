/** A data set that a trained model is to be evaluated on. */
import type { DatasetRequest, DatasetSpec } from '../data/sources/index.js';
import { takenAlike } from '../data/sources/uploaded.js';
import type { Target } from '../data/types.js';
import { invalidSpec } from '../errors.js';
import { datasetInfo, resolveDataset } from './dataset.js';
import type { JobSpec } from './spec.js';
import type { Uploads } from './uploads/index.js';

/** Its spec, and inline rows as JSON `{x, y}`. */
export interface Evaluation {
  dataset: DatasetSpec;
  rows?: Uint8Array;
}

/**
 * Checks a data set against the one that a job was trained on.
 * @throws OnecycleError `invalid_spec` where the model cannot take its rows, or predicts something else
 */
export function resolveEvaluation(request: DatasetRequest, spec: JobSpec, uploads: Uploads): Evaluation {
  const { loss } = spec;
  const { spec: dataset, info, file } = resolveDataset({ dataset: asTrained(request, spec), loss }, uploads);
  if ('stored' in dataset && dataset.stored.kind === 'table') return { dataset }; // the processing knows its columns
  const trained = datasetInfo(spec);
  if (info.x_shape.join() !== trained.x_shape.join())
    throw invalidSpec('/dataset', `Rows must have shape [${trained.x_shape.join(', ')}], as the training rows`);
  if (!fits(info.target, trained.target))
    throw invalidSpec('/dataset', `The model predicts ${text(trained.target)}; the data set has ${text(info.target)}`);
  return { dataset, ...(file && { rows: file }) };
}

/** Columns of a table have the roles that they had in training, pictures their labels in the same place. */
const asTrained = (request: DatasetRequest, { dataset }: JobSpec): DatasetRequest =>
  'id' in request && 'id' in dataset ? { ...takenAlike(dataset), ...request } : request;

/** Fewer classes are fine: some may have no row here. */
function fits(target: Target, trained: Target): boolean {
  if (target.kind === 'classes') return trained.kind === 'classes' && target.classes <= trained.classes;
  return trained.kind === 'values' && target.outputs === trained.outputs;
}

const text = (target: Target): string =>
  target.kind === 'classes' ? `${target.classes} classes` : `${target.outputs} value(s)`;
