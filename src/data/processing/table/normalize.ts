/** fastai's `Normalize` of a table: mean 0 and deviation 1 over the rows that train. */

/** fastai's: a column of one value is not divided by 0. */
const epsilon = 1e-7;

/** Mean and deviation of numbers that come one after another (Welford, 1962; Chan and others, 1979). */
export class Moments {
  private count = 0;
  private mean = 0;
  /** Sum of the squares of the distances from the mean. */
  private squares = 0;

  /** Adds a number, so many times. */
  add(value: number, times = 1): void {
    if (times === 0) return;
    const distance = value - this.mean;
    const before = this.count;
    this.count += times;
    this.mean += (distance * times) / this.count;
    this.squares += (distance * distance * before * times) / this.count;
  }

  /** The mean, and the standard deviation and 1e-7; of nothing, 0 and 1. */
  take(): { mean: number; std: number } {
    if (this.count === 0) return { mean: 0, std: 1 };
    return { mean: this.mean, std: Math.sqrt(this.squares / this.count) + epsilon };
  }
}
