/** What data sets and batches are. */
import { Type, type Static } from 'typebox';
import { Count, optional, strict, Whole } from '../schema/fields.js';

/** What a model should predict: one of `classes`, or `outputs` numbers. Inline rows may all be of one class. */
export const TargetSchema = Type.Union([
  strict({ kind: Type.Literal('classes'), classes: Count('Number of classes') }, { title: 'ClassTarget' }),
  strict({ kind: Type.Literal('values'), outputs: Count('Number of values to predict') }, { title: 'ValueTarget' }),
]);
/** As the schema says. */
export type Target = Static<typeof TargetSchema>;

/**
 * How a row of a table stands in its numbers: first a category a column, as indexes, then the others. A model embeds
 * the first.
 */
export const TableFeaturesSchema = strict({
  cardinalities: Type.Array(Count('Number of values of a category, including the one for missing values')),
  continuous: Whole('Number of columns of numbers'),
  names: optional(
    Type.Array(Type.String(), {
      description: 'Names of the categories; if left out, embedding sizes cannot be given by name',
    }),
  ),
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

/** Numbers of rows in memory. Bytes of images stay bytes. */
export type RowValues = Float32Array | Uint8Array;

/** Where a row is wanted: what it is made of beside its source, so that it has the same bits whoever makes it. */
export interface RowsAt {
  seed: number;
  /** 0 where rows do not change from epoch to epoch. */
  epoch: number;
  /** Whether random transforms are drawn, by seed, epoch and row alone. */
  training: boolean;
}

/** Makes or reads rows on a thread of a loader. */
export interface RowMaker {
  /**
   * Writes rows of the data set, by their indexes, one after another.
   * @param into rows × product(x_shape)
   * @throws OnecycleError `bad_data` where a row cannot be made
   */
  fill(rows: Int32Array, at: RowsAt, into: RowValues): Promise<void> | void;
}

/**
 * Rows that do not lie in memory: threads make them ahead of their use, or read them. Each thread opens the module for
 * itself.
 */
export interface MadeRows {
  dtype: 'float32' | 'uint8';
  /** URL of a module that exports `open`, a function from `options` to a RowMaker or a promise of one. */
  module: string;
  /** What `open` is given: anything that can be sent to a thread. */
  options: unknown;
  /** So much work that every core should take part, as with pictures; else one thread makes them. */
  expensive?: boolean;
}

/** A data set: rows one after another in memory, or made as they are needed. */
export interface Dataset extends DatasetInfo {
  /** In memory: rows × product(x_shape). */
  x: RowValues | MadeRows;
  /** Class indexes [rows], or values [rows × outputs]. */
  y: Int32Array | Float32Array;
}

/** A data set whose rows lie in memory. */
export interface MemoryDataset extends Dataset {
  x: RowValues;
}

/** Whether rows are made as they are needed. */
export const isMade = (x: Dataset['x']): x is MadeRows => !ArrayBuffer.isView(x);

/** The type of the numbers of rows. */
export const dtypeOf = (x: Dataset['x']): MadeRows['dtype'] =>
  isMade(x) ? x.dtype : x instanceof Uint8Array ? 'uint8' : 'float32';

/** Some rows, ready for an engine. The arrays may be views of the data set: read only. */
export interface Batch {
  rows: number;
  x: RowValues;
  y: Int32Array | Float32Array;
}
