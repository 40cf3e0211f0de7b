/** What data sets and batches are. */
import { Type, type Static } from 'typebox';
import { Count, strict, Whole } from '../schema/fields.js';

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
export const TableFeaturesSchema = strict({
  cardinalities: Type.Array(Count('Values of a category, the one for a missing value included')),
  continuous: Whole('Columns of numbers'),
});
/** As the schema says. */
export type TableFeatures = Static<typeof TableFeaturesSchema>;

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
