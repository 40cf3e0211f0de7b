/** The area under a ROC curve, and how many rows are on each side. */
export interface RocArea {
  /** NaN where a side has no rows, or a score is not a number. */
  area: number;
  positives: number;
  negatives: number;
}

/**
 * How likely a row of class `label` scores higher than another row, ties counted half: Mann and Whitney's U, divided by
 * the number of pairs. A row's score is `scores[row * stride + column]`.
 */
export function areaUnderRoc(
  scores: Float32Array,
  labels: Int32Array,
  label: number,
  stride: number,
  column: number,
): RocArea {
  const positives = labels.reduce((count, each) => count + (each === label ? 1 : 0), 0);
  const negatives = labels.length - positives;
  const [high, low] = [new Float32Array(positives), new Float32Array(negatives)];
  let [i, j] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    const score = scores[row * stride + column];
    if (Number.isNaN(score)) return { area: NaN, positives, negatives };
    if (labels[row] === label) high[i++] = score;
    else low[j++] = score;
  }
  return { area: pairsWon(high.sort(), low.sort()) / (positives * negatives), positives, negatives };
}

/** Of all pairs of a number of `high` and one of `low`, both sorted: those where the first is larger, ties half. */
function pairsWon(high: Float32Array, low: Float32Array): number {
  let [below, upTo, won] = [0, 0, 0];
  for (const score of high) {
    while (below < low.length && low[below] < score) below++;
    while (upTo < low.length && low[upTo] <= score) upTo++;
    won += (below + upTo) / 2;
  }
  return won;
}
