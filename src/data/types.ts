/** What data sets and batches are. */
import { Type, type Static } from 'typebox';
import { Count, strict } from '../schema/fields.js';

/** What a model should predict: one of `classes`, or `outputs` numbers. Inline rows may all be of one class. */
export const TargetSchema = Type.Union([
  strict({ kind: Type.Literal('classes'), classes: Count('Classes to tell apart') }),
  strict({ kind: Type.Literal('values'), outputs: Count('Values to predict') }),
]);
/** As the schema says. */
export type Target = Static<typeof TargetSchema>;

/**
 * How a row of a table stands in its numbers: first a category a column, as indexes, then the others. A model embeds
 * the first.
 */
export interface TableFeatures {
  /** How many values each category has, the one for a missing value included. */
  cardinalities: number[];
  continuous: number;
  /** What the categories are called; where this is left out, no size of an embedding can be given by name. */
  names?: string[];
}

/** What is known of a data set before its rows are read: enough to check a spec against it. */
export interface DatasetInfo {
  rows: number;
  /** Of one row: [64] for 64 numbers, [height, width, channels] for an image. */
  x_shape: number[];
  target: Target;
  /** Of a table. */
  features?: TableFeatures;
}

/** What of its data a model depends on. */
export type ModelInput = Omit<DatasetInfo, 'rows'>;

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
