import type { Schedule } from '../../schedule/index.js';
import type { Callback } from '../events.js';
import type { LearnerView } from '../view.js';

/**
 * fastai's ParamScheduler: before each training batch, each scheduled hyper of each group becomes its schedule's value
 * at the fit's position.
 */
export class ParamScheduler implements Callback {
  readonly name: string = 'param_scheduler';
  readonly order: number = 60;
  readonly runValid = false;

  /** One schedule per parameter group, by hyper. `positions`: iterations of the fit that make position 1. */
  constructor(
    private readonly schedules: Partial<Record<string, readonly Schedule[]>>,
    private readonly positions: number,
  ) {}

  before_batch(learn: LearnerView): void {
    const position = learn.fitIteration / this.positions;
    for (const [name, schedules] of Object.entries(this.schedules)) {
      if (schedules !== undefined)
        learn.optimizer.setHyper(
          name,
          schedules.map((schedule) => schedule(position)),
        );
    }
  }
}
