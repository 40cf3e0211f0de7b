/** The index of the largest of `count` values from `start` on, of equal ones the first: what a model predicts of a row. */
export function argmax(values: Float32Array, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}
