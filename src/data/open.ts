/** The rows of a job, ready to train on. */
import type { ProcessingSpec } from './processing/index.js';
import { loadDataset, type DatasetSource } from './sources/index.js';
import type { LoadOptions } from './sources/source.js';
import { splitRows, type Split, type SplitRows } from './split.js';
import type { Dataset } from './types.js';

/** Rows as a model takes them, which of them train, and how raw rows become such. */
export interface OpenedData extends SplitRows {
  dataset: Dataset;
  /** Fitted on the rows that train. */
  processing: ProcessingSpec;
}

/**
 * Reads or makes the rows of a data set and splits them.
 * @throws OnecycleError `invalid_spec` as `loadDataset` and `splitRows`; `bad_data` where stored rows cannot be read
 */
export function openData(source: DatasetSource, split: Split, options: LoadOptions = {}): Promise<OpenedData> {
  const dataset = loadDataset(source, options);
  const { x_shape, target } = dataset;
  const processing: ProcessingSpec = { kind: 'arrays', x_shape, target, names: null };
  return Promise.resolve({ dataset, processing, ...splitRows(dataset.rows, split) });
}
