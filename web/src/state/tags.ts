/** Tags as they are edited: rows of names and values. Pure. */

import { own } from './own.js';

/** A name and a value. */
export type TagRow = readonly [name: string, value: string];

/** What to change so that the tags are those of the rows: null takes one away. A row without a name is none. */
export function tagChanges(
  before: Readonly<Record<string, string>>,
  rows: readonly TagRow[],
): Record<string, string | null> {
  const wanted = new Map(rows.map(([name, value]) => [name.trim(), value.trim()] as const).filter(([name]) => name));
  return {
    ...Object.fromEntries(Object.keys(before).flatMap((name) => (wanted.has(name) ? [] : [[name, null]]))),
    ...Object.fromEntries([...wanted].filter(([name, value]) => own(before, name) !== value)),
  };
}
