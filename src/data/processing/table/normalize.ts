/** fastai's `Normalize` of a table: mean 0 and deviation 1 over the rows that train. */

/** fastai's: a column of one value is not divided by 0. */
const epsilon = 1e-7;

/** Mean and standard deviation (and 1e-7) of `values` and of `missing` times `fill`; of nothing, 0 and 1. */
export function momentsOf(values: Float64Array, missing: number, fill: number): { mean: number; std: number } {
  const rows = values.length + missing;
  if (rows === 0) return { mean: 0, std: 1 };
  const mean = (values.reduce((sum, value) => sum + value, 0) + missing * fill) / rows;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, missing * (fill - mean) ** 2);
  return { mean, std: Math.sqrt(squares / rows) + epsilon };
}
