import { readFileSync, writeFileSync } from 'node:fs';
import { asMarkdown, type Table } from './table.js';

const page = new URL('../../docs/internals/performance.md', import.meta.url);

/**
 * Puts the tables between the markers of a bench in docs/internals/performance.md, in place of those that stood there.
 * @param bench its name in the markers @param about where and when it was measured
 * @throws Error where the page lacks the markers
 */
export function writeDocs(bench: 'bench' | 'bench:service', about: string, tables: readonly Table[]): void {
  const [begin, end] = [`<!-- ${bench}: begin -->`, `<!-- ${bench}: end -->`];
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/internals/performance.md lacks its markers ${begin} and ${end}`);
  const parts = [begin, about, ...tables.map(asMarkdown)];
  writeFileSync(page, `${text.slice(0, from)}${parts.join('\n\n')}\n\n${text.slice(to)}`);
}
