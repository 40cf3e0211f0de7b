/** The rows of a job, ready to train on. */
import { OnecycleError } from '../errors.js';
import { shared } from '../numbers/memory.js';
import type { ProcessingSpec } from './processing/index.js';
import { openPictures } from './pictures/open.js';
import { loadArrays } from './sources/arrays.js';
import { loadTable } from './sources/tables.js';
import { loadDataset, type DatasetSource } from './sources/index.js';
import type { LoadOptions } from './sources/source.js';
import type { UploadedSpec } from './sources/uploaded.js';
import { splitRows, type Split, type SplitRows } from './split/index.js';
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
export async function openData(source: DatasetSource, split: Split, options: LoadOptions = {}): Promise<OpenedData> {
  if ('id' in source) return openUpload(source, split, options);
  return opened(loadDataset(source, options), null, split);
}

/** A kind of upload is a branch here. */
async function openUpload(
  spec: UploadedSpec,
  split: Split,
  { uploads = [], scratch, fitted }: LoadOptions,
): Promise<OpenedData> {
  const files = uploads.map(({ file }) => file);
  if (files.length === 0) throw new OnecycleError('bad_data', `The file of the data set ${spec.id} is missing`);
  switch (spec.stored.kind) {
    case 'arrays': {
      const { x, y, ...info } = await loadArrays(spec, files);
      return opened({ ...info, x: shared(x), y: shared(y) }, spec.stored.classes, split);
    }
    case 'table':
      return loadTable(spec, split, files, { scratch, fitted });
    case 'images':
      return openPictures(spec, split, uploads);
  }
}

function opened(dataset: Dataset, names: string[] | null, split: Split): OpenedData {
  const { x_shape, target, y } = dataset;
  const processing: ProcessingSpec = { kind: 'arrays', x_shape, target, names };
  return { dataset, processing, ...splitRows(dataset.rows, split, { labels: y }) };
}
