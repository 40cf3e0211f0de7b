/** What is found out of a table by going through it once. */
import type { Table, TableSource } from '../table/table.js';
import type { Reading } from '../files/reading.js';
import { ColumnProfile } from './column.js';
import type { KeptColumn } from './schema.js';

const previewRows = 5;
const previewCharacters = 200;
/** Numbers that the medians of all columns keep together. */
const medianNumbers = 2 ** 24;

/** What a table's profile is made of. */
export interface TableProfile {
  rows: number;
  columns: KeptColumn[];
  preview: Record<string, unknown>[];
}

/** Goes through a table, in memory that does not grow with its rows. */
export async function profileTable(source: TableSource, { columns }: Reading): Promise<TableProfile> {
  const share = medianNumbers / Math.max(1, columns.length);
  const capacity = 2 ** Math.max(10, Math.min(20, Math.floor(Math.log2(share))));
  const profiles = columns.map(({ name, type, integer }) => new ColumnProfile(name, type, integer, capacity));
  const preview: Record<string, unknown>[] = [];
  let rows = 0;
  for await (const part of source.parts()) {
    if (preview.length < previewRows) preview.push(...firstRows(part, previewRows - preview.length));
    rows += part.rows;
    for (const [i, column] of part.columns.entries()) profiles[i].add(column);
  }
  return { rows, columns: profiles.map((profile) => profile.result()), preview };
}

/** Rows as JSON has them: null where a value is missing. */
function firstRows({ rows, columns }: Table, count: number): Record<string, unknown>[] {
  return Array.from({ length: Math.min(rows, count) }, (_, row) =>
    Object.fromEntries(
      columns.map((column) => {
        if (column.type === 'text')
          return [column.name, column.texts[column.codes[row]]?.slice(0, previewCharacters) ?? null];
        const value = column.values[row];
        if (Number.isNaN(value)) return [column.name, null];
        return [column.name, column.type === 'date' ? new Date(value).toISOString() : value];
      }),
    ),
  );
}
