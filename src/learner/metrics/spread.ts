/** Squared distances from their mean, of numbers that come one by one (Welford's running sums). */
export class Spread {
  private count = 0;
  private mean = 0;
  /** The sum of the squared distances from the mean. */
  sum = 0;

  /** Takes in a number. */
  add(value: number): void {
    const delta = value - this.mean;
    this.mean += delta / ++this.count;
    this.sum += delta * (value - this.mean);
  }
}
