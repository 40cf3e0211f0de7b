export { datasetNames, describeDataset, loadDataset } from './dataset.js';
export { parseInline } from './inline.js';
export { BatchLoader, type LoaderOptions } from './loader.js';
export type { DatasetSource, RandomSource, SyntheticSource } from './source.js';
export { splitRows, splitSizes, type Split, type SplitRows } from './split.js';
export type { Batch, Dataset, DatasetInfo, Target } from './types.js';
