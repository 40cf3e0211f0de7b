/** What differs between the specs of several jobs. */
import { isList, isObject } from '../form/value.js';
import type { Json } from '../form/schema.js';

/** A place where not all are equal. */
export interface Difference {
  /** Where: `policy.lr_max`, `callbacks.0.patience`. */
  path: string;
  /** The value of each, in their order; undefined where one has none. */
  values: readonly (Json | undefined)[];
}

/** The places where these differ, sorted as they first occur; lists of plain values are compared as a whole. */
export function differences(specs: readonly Json[]): Difference[] {
  const flat = specs.map((spec) => leaves(spec));
  const paths = new Set(flat.flatMap((leaf) => [...leaf.keys()]));
  return [...paths]
    .map((path) => ({ path, values: flat.map((leaf) => leaf.get(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

/** Every value by its path. */
export function leaves(value: Json, path = ''): Map<string, Json> {
  const inner = entriesOf(value);
  if (inner === undefined) return new Map([[path, value]]);
  return new Map(inner.flatMap(([key, one]) => [...leaves(one, path === '' ? key : `${path}.${key}`)]));
}

/** What to descend into; undefined for a value that is compared as a whole. */
function entriesOf(value: Json): [string, Json][] | undefined {
  if (isObject(value)) return Object.keys(value).length === 0 ? undefined : Object.entries(value);
  if (!isList(value) || !value.some((one) => isObject(one))) return undefined;
  return value.map((one, index) => [String(index), one]);
}

/** A value as a cell shows it. */
export function cell(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A number with at most six digits. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
