import type { EpochRecord } from '../records.js';
import type { CallbackState, LearnerView } from '../view.js';
import { defineCallback } from './callback.js';
import { Tracker, trackerArguments } from './tracker.js';

/** fastai's SaveModelCallback: the fit ends with the parameters, and the values, of its best epoch. */
export class SaveBest extends Tracker {
  readonly name = 'save_best';
  readonly order = 61;
  private saved: { values: Float32Array[]; epoch: EpochRecord } | null = null;

  override before_fit(learn: LearnerView): void {
    this.saved = null;
    super.before_fit(learn);
  }

  protected override afterValue(learn: LearnerView, better: boolean): void {
    if (!better) return;
    this.saved = { values: learn.parameterValues(), epoch: learn.lastEpoch! };
    learn.bestEpoch = learn.lastEpoch;
  }

  override state(): CallbackState {
    return { ...super.state(), saved: this.saved };
  }

  override restore(state: CallbackState): void {
    super.restore(state);
    this.saved = state.saved as typeof this.saved;
  }

  after_fit(learn: LearnerView): void {
    if (this.saved === null) return;
    learn.setParameterValues(this.saved.values);
    learn.lastEpoch = this.saved.epoch;
  }
}

/** `save_best`, as a request names it. */
export const saveBest = defineCallback({
  name: 'save_best',
  description:
    "The fit ends with the parameters of its best epoch, and the job's `result` is that of this epoch " +
    "(fastai's SaveModelCallback)",
  arguments: trackerArguments,
  create: (args) => ({ callback: new SaveBest(args) }),
});
