/** A point of a curve; y is null where there is no number. */
export type Point = [x: number, y: number | null];

/**
 * At most `most` (2 or more) points of a curve: of each of its stretches the lowest and the highest, so that no spike
 * is lost.
 */
export function thin(curve: readonly Point[], most: number): Point[] {
  if (curve.length <= most) return [...curve];
  const stretches = Math.max(1, Math.floor(most / 2));
  return Array.from({ length: stretches }, (_, k) => {
    const [from, to] = [k, k + 1].map((edge) => Math.floor((edge * curve.length) / stretches));
    return extremes(curve, from, to);
  }).flat();
}

/**
 * The lowest and the highest point from `from` to before `to`, in their order; one without a number where there is no
 * other.
 */
function extremes(curve: readonly Point[], from: number, to: number): Point[] {
  let low = -1;
  let high = -1;
  for (let i = from; i < to; i++) {
    const y = curve[i][1];
    if (y === null) continue;
    if (low < 0 || y < curve[low][1]!) low = i;
    if (high < 0 || y > curve[high][1]!) high = i;
  }
  if (low < 0) return [curve[from]];
  return low === high ? [curve[low]] : [curve[Math.min(low, high)], curve[Math.max(low, high)]];
}
