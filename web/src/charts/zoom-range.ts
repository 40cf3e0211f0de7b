/** Which part of an axis is seen after a gesture. Pure. */
import type { Range } from './line.js';

/** The part that is seen, with `at` (0 to 1) kept in its place while the rest grows by `factor`, or moved by `by` of it. */
export function changed(
  [from, to]: Range,
  full: Range,
  change: { factor?: number; at?: number; by?: number },
): Range | null {
  const { factor = 1, at = 0.5, by = 0 } = change;
  const span = to - from;
  const width = Math.min(span * factor, full[1] - full[0]);
  const start = from + span * at - width * at + width * by;
  const inside = Math.min(Math.max(start, full[0]), full[1] - width);
  return width >= full[1] - full[0] ? null : [inside, inside + width];
}
