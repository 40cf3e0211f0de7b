/** Where a finder's curve falls most steeply. */

/** From one index to another. */
export interface Span {
  from: number;
  to: number;
}

/**
 * The fall of the smoothed loss: the stretch with the steepest mean slope over the
 * logarithm of the rate that is at least a tenth of the curve long. Undefined where nothing falls.
 */
export function steepest(lrs: readonly number[], losses: readonly (number | null)[]): Span | undefined {
  const length = Math.max(2, Math.round(lrs.length / 10));
  let best: (Span & { slope: number }) | undefined;
  for (let from = 0; from + length < lrs.length; from++) {
    const to = from + length;
    const [before, after] = [losses.at(from) ?? NaN, losses.at(to) ?? NaN];
    const slope = (after - before) / Math.log(lrs[to] / lrs[from]);
    if (slope < (best?.slope ?? 0)) best = { from, to, slope };
  }
  return best && { from: best.from, to: best.to };
}
