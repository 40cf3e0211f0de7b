/** A mean over values, however the batches cut them. */
export class Mean {
  private sum = 0;
  private count = 0;

  /** Takes in a value that stands for `weight` of them. */
  add(value: number, weight = 1): void {
    this.sum += value * weight;
    this.count += weight;
  }

  /** NaN before the first value. */
  get value(): number {
    return this.sum / this.count;
  }
}
