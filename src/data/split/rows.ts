/** What a split is made from, and what comes of it. */
import type { Column } from '../table/table.js';

/** Indexes of rows. */
export interface SplitRows {
  train: Int32Array;
  valid: Int32Array;
}

/** What of the rows a split may look at; each is needed by the splits that its name tells. */
export interface RowFacts {
  /** `stratified`: the class of each row. */
  labels?: Int32Array | Float32Array;
  /** `column`: the column of that name, of all rows. */
  column?: Column;
  /** `files`, `folder`: the path of each picture in its archive. */
  names?: readonly string[];
}
