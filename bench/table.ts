import CliTable from 'cli-table3';

/** A table as text. Every row has as many cells as the head. */
export interface Table {
  title: string;
  head: string[];
  rows: string[][];
}

/** The table with borders, its first column aligned to the left. */
export function forTerminal({ title, head, rows }: Table): string {
  const table = new CliTable({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
  });
  table.push(...rows);
  return `${title}\n${table.toString()}`;
}

/** The table in Markdown. */
export function asMarkdown({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`**${title}**`, '', line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}

/** Milliseconds to three significant digits. */
export const fixed = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));
/** Bytes as whole megabytes, 10⁶ bytes. */
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** The median; the mean of the middle two of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
