import { readFileSync, writeFileSync } from 'node:fs';
import { type Machine, machineText } from './machine.js';
import { asMarkdown, type Table } from './table.js';

const page = new URL('../../docs/performance.md', import.meta.url);
const [begin, end] = ['<!-- bench: begin -->', '<!-- bench: end -->'];

/** Puts the tables between the markers of docs/performance.md, in place of those that stood there. */
export function writeDocs(machine: Machine, tables: readonly Table[]): void {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md lacks its markers ${begin} and ${end}`);
  const parts = [begin, machineText(machine), ...tables.map(asMarkdown)];
  writeFileSync(page, `${text.slice(0, from)}${parts.join('\n\n')}\n\n${text.slice(to)}`);
}
