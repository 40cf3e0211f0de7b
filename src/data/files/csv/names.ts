/** The names of a CSV's columns. */
import type { CsvDialect } from '../reading.js';

/** One a column and no two the same, as pandas makes them: `Unnamed: 0` for none, `age.1` for the second `age`. */
export function columnNames(first: readonly string[], { header }: Pick<CsvDialect, 'header'>): string[] {
  if (!header) return first.map((_, i) => `column_${i}`);
  const taken = new Set<string>();
  return first.map((text, i) => {
    const name = text.trim() === '' ? `Unnamed: ${i}` : text.trim();
    let free = name;
    for (let more = 1; taken.has(free); more++) free = `${name}.${more}`;
    taken.add(free);
    return free;
  });
}

/** Whether a column has no name of its own, as an index has that was saved with its table. */
export const isUnnamed = (name: string): boolean => /^Unnamed: \d+$/.test(name);
