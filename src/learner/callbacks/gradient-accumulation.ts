import type { Callback, CallbackState } from '../events.js';
import type { Learner } from '../learner.js';

/**
 * fastai's GradientAccumulation: adds up gradients, each batch weighted by its share of `n_acc` rows, and steps once so many have been seen.
 * The Learner's step must be made with `accumulate`.
 */
export class GradientAccumulation implements Callback {
  readonly name = 'gradient_accumulation';
  readonly order = 6;
  readonly runValid = false;
  private rows = 0;

  constructor(private readonly nAcc: number) {}

  before_fit(): void {
    this.rows = 0;
  }

  before_batch(learn: Learner): void {
    const { rows } = learn.batch!;
    this.rows += rows;
    const apply = this.rows >= this.nAcc;
    learn.step = { apply, scale: rows / this.nAcc };
    if (apply) this.rows = 0;
  }

  cleanup(learn: Learner): void {
    learn.step = { apply: true, scale: 1 };
  }

  state(): CallbackState {
    return { rows: this.rows };
  }

  restore({ rows }: CallbackState): void {
    this.rows = Number(rows);
  }
}
