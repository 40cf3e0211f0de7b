/** Markdown that is made, not written. */

/** A table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n').replaceAll('|  |', '| |');
}

/** Text as a paragraph: with a full stop at its end. */
export const paragraph = (text: string): string => (/[.:]$/.test(text) ? text : `${text}.`);

/**
 * A page with `text` between the markers `<!-- NAME: made by npm run openapi -->` and `<!-- end -->`.
 * @throws Error where the page has no such markers
 */
export function fillIn(page: string, name: string, text: string): string {
  const start = `<!-- ${name}: made by npm run openapi -->\n`;
  const from = page.indexOf(start) + start.length;
  const to = page.indexOf('<!-- end -->', from);
  if (!page.includes(start) || to < 0) throw new Error(`The page has no markers for ${name}`);
  return `${page.slice(0, from)}\n${text}\n\n${page.slice(to)}`;
}
