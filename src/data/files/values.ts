/** Values of files that have types of their own, as columns have them. */
import type { Cell } from '../table/builder.js';
import type { ReadColumn } from './reading.js';

/** True and false as Python writes them, whatever the format. */
export const textOfValue = (value: unknown): string =>
  value === true ? 'True' : value === false ? 'False' : typeof value === 'string' ? value : JSON.stringify(value);

/** A value of a column: undefined where it is missing. */
export function cellOf(value: unknown, { type }: ReadColumn): Cell {
  if (value === null || value === undefined) return undefined;
  if (type === 'text') return textOfValue(value);
  return value instanceof Date ? value.getTime() : Number(value);
}
