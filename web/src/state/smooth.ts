/** Smoothing as fastai's: an exponential moving mean, debiased, over every value, before anything is left out. */
import { Column } from '../charts/column.js';

/** The smoothed values of a column, kept up with it as it grows. */
export class Smoothed {
  readonly column = new Column();
  #mean = 0;
  /** `beta` to the power of how many values there were. */
  #bias = 1;

  constructor(
    readonly source: Column,
    readonly beta: number,
  ) {}

  /** Takes in what is new. What was taken in must not have changed since. */
  update(): Column {
    for (let i = this.column.length; i < this.source.length; i++) this.column.push(this.#next(this.source.at(i)));
    return this.column;
  }

  /** A value that is not finite leaves the mean as it was. */
  #next(value: number): number {
    if (Number.isFinite(value)) {
      this.#mean = this.beta * this.#mean + (1 - this.beta) * value;
      this.#bias *= this.beta;
    }
    return this.#bias === 1 ? NaN : this.#mean / (1 - this.#bias);
  }
}
