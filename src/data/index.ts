export { datasetNames, describeDataset, loadDataset } from './sources/index.js';
export { parseInline } from './sources/inline.js';
export { BatchLoader, type LoaderOptions } from './loader.js';
export type { DatasetSource, RandomSource, SyntheticSource } from './sources/source.js';
export { splitRows, splitSizes, type Split, type SplitRows } from './split.js';
export type { Batch, Dataset, DatasetInfo, Target } from './types.js';
