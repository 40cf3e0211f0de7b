import type { Learner } from '../learner.js';
import type { EpochRecord } from './recorder.js';
import { Tracker } from './tracker.js';

/** fastai's SaveModelCallback: the fit ends with the parameters, and the values, of its best epoch. */
export class SaveBest extends Tracker {
  readonly name = 'save_best';
  readonly order = 61;
  private saved: { values: Float32Array[]; epoch: EpochRecord } | null = null;

  override before_fit(learn: Learner): void {
    this.saved = null;
    super.before_fit(learn);
  }

  protected override afterValue(learn: Learner, better: boolean): void {
    if (better) this.saved = { values: learn.parameterValues(), epoch: learn.lastEpoch! };
  }

  after_fit(learn: Learner): void {
    if (this.saved === null) return;
    learn.setParameterValues(this.saved.values);
    learn.lastEpoch = this.saved.epoch;
  }
}
