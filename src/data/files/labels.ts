/** The labels of pictures. */
import { posix } from 'node:path';
import { runInNewContext } from 'node:vm';
import { invalidSpec } from '../../errors.js';
import type { Label } from '../sources/uploaded.js';
import type { Listing } from './pictures.js';

/** Pictures that have a label, and which. */
export interface LabelledPictures {
  /** Indexes into the listing's pictures, in their order. */
  pictures: Int32Array;
  /** Of each of these: an index into `classes`. */
  labels: Int32Array;
  /** Sorted. */
  classes: string[];
}

/** An expression may take so long for all names: some never end. */
const expressionMs = 500;

/**
 * Finds the label of every picture; of a CSV of labels, of the pictures that it names.
 * @throws OnecycleError `invalid_spec`, pointers from the job's spec on
 */
export function labelPictures(listing: Listing, label: Label): LabelledPictures {
  const found = 'csv' in label ? labelsByCsv(listing, label) : labelsByName(listing, label);
  const classes = [...new Set(found.values())].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const index = new Map(classes.map((name, i) => [name, i]));
  const pictures = Int32Array.from(found.keys()).sort();
  return { pictures, labels: pictures.map((picture) => index.get(found.get(picture)!)!), classes };
}

function labelsByName({ pictures }: Listing, label: Exclude<Label, { csv: string }>): Map<number, string> {
  const names = pictures.map(({ name }) => name);
  const labels =
    'folder' in label
      ? names.map(folderOf)
      : 'upper' in label
        ? names.map((name) => (/^\p{Lu}/u.test(posix.basename(name)) ? 'True' : 'False'))
        : byExpression(names, label.regex);
  const without = labels.findIndex((each) => each === null);
  if (without >= 0) throw invalidSpec(...withoutLabel(names[without], label));
  return new Map(labels.map((each, i) => [i, each ?? '']));
}

/** The name of the folder that a picture lies in; null where it lies in none. */
export const folderOf = (name: string): string | null =>
  posix.basename(posix.dirname(name)).replace(/^\.$/, '') || null;

const withoutLabel = (name: string, label: Label): [pointer: string, detail: string] =>
  'regex' in label
    ? [
        '/dataset/label/regex',
        `must match the name of every picture, with the label as its first group; it does not match ${name}`,
      ]
    : ['/dataset/label', `The picture ${name} is not in a folder: set label to a regex, upper or csv`];

function byExpression(names: readonly string[], expression: string): (string | null)[] {
  try {
    new RegExp(expression, 'u');
  } catch (error) {
    throw invalidSpec('/dataset/label/regex', `must be a regular expression: ${String(error)}`);
  }
  try {
    const code =
      'const e = new RegExp(expression, "u"); names.map((name) => { const m = e.exec(name); return m && m[1] !== undefined ? m[1] : null; })';
    const context = { names: names.map((name) => posix.basename(name)), expression };
    return [...(runInNewContext(code, context, { timeout: expressionMs }) as (string | null)[])];
  } catch {
    throw invalidSpec('/dataset/label/regex', 'must be simpler: matching the names of the pictures takes too long');
  }
}

function labelsByCsv(
  { pictures, tables }: Listing,
  { csv, file, column }: Extract<Label, { csv: string }>,
): Map<number, string> {
  const table = tables[csv];
  const there = (names: string[]) => (names.length === 0 ? 'there is none' : names.join(', '));
  if (!Object.hasOwn(tables, csv))
    throw invalidSpec('/dataset/label/csv', `must be a CSV in the archive: ${there(Object.keys(tables))}`);
  for (const [field, name] of [
    ['file', file],
    ['column', column],
  ] as const)
    if (!Object.hasOwn(table, name))
      throw invalidSpec(`/dataset/label/${field}`, `must be a column of ${csv}: ${there(Object.keys(table))}`);
  const byName = new Map<string, number>();
  for (const [i, { name }] of pictures.entries())
    for (const known of [withoutExtension(posix.basename(name)), posix.basename(name), name]) byName.set(known, i);
  const found = new Map<number, string>();
  for (const [row, name] of table[file].entries()) {
    const picture = byName.get(name.replace(/^\.\//, ''));
    if (picture === undefined)
      throw invalidSpec(
        '/dataset/label/file',
        `Row ${row + 1} of ${csv} names ${JSON.stringify(name)}, but there is no such picture`,
      );
    found.set(picture, table[column][row]);
  }
  if (found.size === 0) throw invalidSpec('/dataset/label/csv', `${csv} has no rows`);
  return found;
}

const withoutExtension = (name: string): string => name.replace(/\.[^.]+$/, '');
