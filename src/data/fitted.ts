/** The rows of a data set by a processing that was fitted on others: what a trained model is evaluated on. */
import { OnecycleError, recoded } from '../errors.js';
import { openPictures } from './pictures/open.js';
import { encodeTable } from './processing/table/open.js';
import { processingOf, type ProcessingSpec } from './processing/index.js';
import { loadArrays } from './sources/arrays.js';
import { loadDataset, type DatasetSource } from './sources/index.js';
import type { LoadOptions } from './sources/source.js';
import { tableOf } from './sources/tables.js';
import type { UploadedSpec } from './sources/uploaded.js';
import type { Dataset } from './types.js';

/**
 * Reads or makes all rows of a data set.
 * @throws OnecycleError `invalid_dataset` where an uploaded file does not fit: a target that no row had that trained
 */
export async function openFitted(
  source: DatasetSource,
  processing: ProcessingSpec,
  options: LoadOptions = {},
): Promise<Dataset> {
  if (!('id' in source)) return loadDataset(source, options);
  try {
    return await openUpload(source, processing, options);
  } catch (cause) {
    throw recoded(cause, 'bad_data', 'invalid_dataset');
  }
}

/** A kind of processing is a branch here. */
async function openUpload(
  spec: UploadedSpec,
  processing: ProcessingSpec,
  { uploads = [], scratch }: LoadOptions,
): Promise<Dataset> {
  const files = uploads.map(({ file }) => file);
  const { reading, rows, kind } = spec.stored;
  if (processing.kind === 'table' && reading) {
    const { target } = processing;
    const columns = [...processing.categorical, ...processing.continuous].map(({ name }) => name);
    const targets = target.kind === 'classes' ? [target.name] : target.names;
    return encodeTable(tableOf(files, [reading], [...columns, ...targets]), processing, { rows, scratch });
  }
  if (processing.kind === 'pictures' && kind === 'images') {
    const { item_tfms, batch_tfms, target: predicts, names: classes } = processing;
    const x_shape = processingOf(processing).shape(processing);
    const asTrained = { ...spec, item_tfms, batch_tfms, stored: { ...spec.stored, x_shape, predicts, classes } };
    return (await openPictures(asTrained, { valid_pct: 0, seed: 0 }, uploads)).dataset;
  }
  if (processing.kind === 'arrays' && kind === 'arrays') return loadArrays(spec, files);
  throw new OnecycleError('invalid_dataset', `A model trained on ${processing.kind} cannot be evaluated on ${kind}`);
}
