/** The part of a long list that the page has: pages of it are read again and again and put in their places. Pure. */

/** What a list is of. */
interface Identified {
  readonly id: string;
}

/** A page of the list, as the service answers it. */
export interface Page<T> {
  data: readonly T[];
  has_more: boolean;
}

/** The rows from the first one on, and whether more follow. */
export interface Rows<T> {
  rows: readonly T[];
  hasMore: boolean;
}

/**
 * Puts a page that begins after the row `after` (or with the first one) in its place. Rows that the page should hold
 * and does not are gone; rows behind it stay.
 */
export function withPage<T extends Identified>({ rows, hasMore }: Rows<T>, page: Page<T>, after?: string): Rows<T> {
  const start = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  const ids = new Set(page.data.map(({ id }) => id));
  const before = rows.slice(0, start).filter(({ id }) => !ids.has(id));
  if (!page.has_more) return { rows: [...before, ...page.data], hasMore: false };
  // Where the last known row of the page stood, what follows goes on.
  const known = rows.findLastIndex(({ id }) => ids.has(id));
  const behind = rows.slice(Math.max(known + 1, start)).filter(({ id }) => !ids.has(id));
  return { rows: [...before, ...page.data, ...behind], hasMore: behind.length > 0 ? hasMore : true };
}
