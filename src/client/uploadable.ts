/** What can be uploaded, and how. */

/** What can be uploaded. In Node, `openAsBlob` of `node:fs` makes a Blob of a file without reading it whole. */
export type Uploadable = Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** How a CSV is read where guessing fails. */
export interface CsvOptions {
  delimiter?: string;
  encoding?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  decimal?: '.' | ',';
  /** Whether the first row names the columns. */
  header?: boolean;
}

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes that the server has. */
  loaded: number;
  /** Bytes in all; undefined for a stream. */
  total: number | undefined;
}

/** How a data set is uploaded. */
export interface DatasetUpload extends CsvOptions {
  /** What to call it; default: the name of a `File`. */
  name?: string;
  /** Is told how far it is. */
  onProgress?: (progress: UploadProgress) => void;
  signal?: AbortSignal;
}
