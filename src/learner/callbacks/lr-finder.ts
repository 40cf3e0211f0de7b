import type { Schedule } from '../../schedule/index.js';
import { cancelFit, cancelValidate } from '../events.js';
import type { BatchRecord } from '../records.js';
import type { CallbackState, LearnerSnapshot, LearnerView } from '../view.js';
import { ParamScheduler } from './param-scheduler.js';

/** Why a finder's curve ends: it has all its points, or the loss diverged; null where something else ended the fit. */
export type Stopped = 'num_it' | 'diverged' | null;

/**
 * fastai's LRFinder: trains with exponentially growing rates, stops after `numIt` batches or when the smoothed loss is
 * over four times its best, and leaves model, optimizer and position bit for bit as they were, whatever happened in
 * between.
 */
export class LRFinder extends ParamScheduler {
  override readonly name = 'lr_finder';
  private snapshot: LearnerSnapshot | null = null;
  private best = Infinity;
  /** Records that were there before it. */
  private recordsBefore = 0;
  /** Why the curve ended. */
  stopped: Stopped = null;

  /** `schedules`: of the rate, one for all parameter groups or one per group. `stopDiv`: whether a diverging loss ends the curve. */
  constructor(
    schedules: Schedule | readonly Schedule[],
    private readonly numIt: number,
    private readonly stopDiv: boolean,
  ) {
    super({ lr: schedules }, numIt);
  }

  before_fit(learn: LearnerView): void {
    this.snapshot = learn.snapshot();
    this.recordsBefore = learn.recorder.batches.length;
    learn.finding = true;
  }

  after_batch(learn: LearnerView): void {
    const { value } = learn.recorder.smoothLoss;
    if (value < this.best) this.best = value;
    if (this.stopDiv && value > 4 * this.best) this.stop('diverged');
    if (learn.fitIteration >= this.numIt) this.stop('num_it');
  }

  before_validate(): void {
    throw cancelValidate();
  }

  cleanup(learn: LearnerView): void {
    if (this.snapshot !== null) learn.restore(this.snapshot);
    this.snapshot = null;
    learn.finding = false;
  }

  /** What was recorded of it. */
  recorded({ recorder }: LearnerView): readonly BatchRecord[] {
    return recorder.batches.slice(this.recordsBefore);
  }

  state(): CallbackState {
    const { snapshot, best, recordsBefore } = this;
    return { snapshot, best, recordsBefore };
  }

  restore({ snapshot, best, recordsBefore }: CallbackState): void {
    this.snapshot = snapshot as LearnerSnapshot | null;
    this.best = best as number;
    this.recordsBefore = recordsBefore as number;
  }

  private stop(why: Stopped): never {
    this.stopped = why;
    throw cancelFit();
  }
}
