import type { Schedule } from '../../schedule/index.js';
import { cancelFit, cancelValidate } from '../events.js';
import type { Learner, LearnerSnapshot } from '../learner.js';
import { ParamScheduler } from './param-scheduler.js';

/**
 * fastai's LRFinder: trains with exponentially growing rates, stops after `numIt` batches or when the smoothed loss is over four times its
 * best, and leaves model, optimizer and position bit for bit as they were, whatever happened in between.
 */
export class LRFinder extends ParamScheduler {
  override readonly name = 'lr_finder';
  private snapshot: LearnerSnapshot | null = null;
  private best = Infinity;
  stopped: 'num_it' | 'diverged' | null = null;

  constructor(
    schedules: readonly Schedule[],
    private readonly numIt: number,
    private readonly stopDiv: boolean,
  ) {
    super({ lr: schedules }, numIt);
  }

  before_fit(learn: Learner): void {
    this.snapshot = learn.snapshot();
    learn.finding = true;
  }

  after_batch(learn: Learner): void {
    const { value } = learn.recorder.smoothLoss;
    if (value < this.best) this.best = value;
    if (this.stopDiv && value > 4 * this.best) this.stop('diverged');
    if (learn.fitIteration >= this.numIt) this.stop('num_it');
  }

  before_validate(): void {
    throw cancelValidate();
  }

  cleanup(learn: Learner): void {
    if (this.snapshot !== null) learn.restore(this.snapshot);
    this.snapshot = null;
    learn.finding = false;
  }

  private stop(why: 'num_it' | 'diverged'): never {
    this.stopped = why;
    throw cancelFit();
  }
}
