import type { Learner } from '../learner.js';
import { PatientTracker, type TrackerOptions } from './tracker.js';

/** fastai's ReduceLROnPlateau: divides every group's rate by `factor` after `patience` epochs without an improvement, down to `min_lr`. */
export class ReduceLROnPlateau extends PatientTracker {
  readonly name = 'reduce_lr_on_plateau';
  readonly order = 62;
  private readonly factor: number;
  private readonly minLr: number;

  constructor({
    patience,
    factor = 10,
    min_lr = 0,
    ...tracker
  }: TrackerOptions & { patience?: number; factor?: number; min_lr?: number }) {
    super(tracker, patience);
    this.factor = factor;
    this.minLr = min_lr;
  }

  protected override afterPatience({ optimizer }: Learner): void {
    optimizer.setHyper(
      'lr',
      optimizer.hypers.map(({ lr }) => Math.max(lr / this.factor, this.minLr)),
    );
    this.wait = 0;
  }
}
