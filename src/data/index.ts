/** Data sets, how they are split, and their batches. */
export {
  datasetNames,
  DatasetSchema,
  DatasetSpecSchema,
  describeDataset,
  loadDataset,
  type DatasetRequest,
  type DatasetSource,
  type DatasetSpec,
} from './sources/index.js';
export { parseInline } from './sources/inline.js';
export { openFitted } from './fitted.js';
export { openData, type OpenedData } from './open.js';
export {
  processingOf,
  ProcessingSchema,
  type PreparedRows,
  type ProcessingSpec,
  type RawRows,
} from './processing/index.js';
export { BatchLoader, type LoaderOptions } from './loader.js';
export {
  completeSplit,
  splitRows,
  SplitSchema,
  splitSizes,
  SplitSpecSchema,
  trainRows,
  type Split,
  validRows,
  type RowFacts,
  type SplitRequest,
  type SplitRows,
} from './split/index.js';
export { describeStored, type UploadedRequest, type UploadedSpec } from './sources/uploaded.js';
export { readTable } from './files/read-table.js';
export { fileRows, writeRows } from './file-rows.js';
export {
  dtypeOf,
  isMade,
  type Batch,
  type Dataset,
  type DatasetInfo,
  type MadeRows,
  type MemoryDataset,
  type RowMaker,
  type RowsAt,
  type RowValues,
  type Target,
} from './types.js';
export type { LoadOptions } from './sources/source.js';
