import { Type, type Static } from 'typebox';
import { complete } from '../../schema/complete.js';
import { defaulted, strict } from '../../schema/fields.js';
import type { Callback } from '../events.js';
import type { CallbackState, LearnerView } from '../view.js';
import { defineCallback } from './callback.js';

const Arguments = strict({
  n_acc: defaulted(Type.Integer({ minimum: 1, description: 'Rows per step' }), 32),
});

/**
 * fastai's GradientAccumulation: adds up gradients, each batch weighted by its share of `n_acc` rows, and steps once so
 * many have been seen. The Learner's step must be made with `accumulate`.
 */
export class GradientAccumulation implements Callback {
  readonly name = 'gradient_accumulation';
  readonly order = 6;
  readonly runValid = false;
  private readonly rowsPerStep: number;
  /** Rows seen since the last step. */
  private rows = 0;

  constructor(options: Static<typeof Arguments> = {}) {
    this.rowsPerStep = complete(Arguments, options).n_acc;
  }

  before_fit(): void {
    this.rows = 0;
  }

  before_batch(learn: LearnerView): void {
    const { rows } = learn.batch!;
    this.rows += rows;
    const apply = this.rows >= this.rowsPerStep;
    learn.step = { apply, scale: rows / this.rowsPerStep };
    if (apply) this.rows = 0;
  }

  cleanup(learn: LearnerView): void {
    learn.step = { apply: true, scale: 1 };
  }

  state(): CallbackState {
    return { rows: this.rows };
  }

  restore({ rows }: CallbackState): void {
    this.rows = Number(rows);
  }
}

/** `gradient_accumulation`, as a request names it. */
export const gradientAccumulation = defineCallback({
  name: 'gradient_accumulation',
  description:
    'Adds up the gradients of batches, weighted by their share of `n_acc` rows, and makes a step once that many rows have ' +
    "been seen (fastai's GradientAccumulation)",
  arguments: Arguments.properties,
  inFinder: true,
  create: (args) => ({ callback: new GradientAccumulation(args), step: { accumulate: true } }),
});
