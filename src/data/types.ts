/** What a model should predict: one of `classes`, or `outputs` numbers. */
export type Target = { kind: 'classes'; classes: number } | { kind: 'values'; outputs: number };

/** What is known of a data set before its rows are read: enough to check a spec against it. */
export interface DatasetInfo {
  rows: number;
  /** Of one row: [64] for 64 numbers, [height, width, channels] for an image. */
  x_shape: number[];
  target: Target;
}

/** A data set in memory: rows one after another. */
export interface Dataset extends DatasetInfo {
  /** rows × product(x_shape). Bytes of images stay bytes. */
  x: Float32Array | Uint8Array;
  /** Class indexes [rows], or values [rows × outputs]. */
  y: Int32Array | Float32Array;
}

/** Some rows, ready for an engine. The arrays may be views of the data set: read only. */
export interface Batch {
  rows: number;
  x: Float32Array | Uint8Array;
  y: Int32Array | Float32Array;
}
