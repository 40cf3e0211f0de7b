/** A table in memory, column by column; large ones come in parts, each a table of some rows. */

/** Numbers: NaN where a value is missing. */
export interface NumberColumn {
  name: string;
  type: 'number';
  values: Float64Array;
}

/** Texts, each kept once: `codes` point into `texts`, -1 where a value is missing. Every part has texts of its own. */
export interface TextColumn {
  name: string;
  type: 'text';
  codes: Int32Array;
  texts: string[];
}

/** Points in time: milliseconds since 1970, NaN where a value is missing. */
export interface DateColumn {
  name: string;
  type: 'date';
  values: Float64Array;
}

/** One column. */
export type Column = NumberColumn | TextColumn | DateColumn;

/** Rows of a table. All columns have as many values. */
export interface Table {
  rows: number;
  columns: Column[];
}

/** A table that may be larger than memory: its parts in order, as often as they are asked for. */
export interface TableSource {
  parts(): AsyncIterable<Table>;
}
