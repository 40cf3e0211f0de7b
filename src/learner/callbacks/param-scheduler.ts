import { type FieldProblem, invalidSpec, invalidSpecs } from '../../errors.js';
import type { HyperName, Schedule } from '../../schedule/index.js';
import { hyperNames } from '../../schema/hypers.js';
import { child, isObject } from '../../schema/json.js';
import type { Callback } from '../events.js';
import type { LearnerView } from '../view.js';

/** Schedules by the hyper that they drive: one for all parameter groups, or a list with one per group. */
export type Schedules = Partial<Record<HyperName, Schedule | readonly Schedule[]>>;

/**
 * fastai's ParamScheduler: before each training batch, each scheduled hyper of each group becomes its schedule's value
 * at the fit's position.
 */
export class ParamScheduler implements Callback {
  readonly name: string = 'param_scheduler';
  readonly order: number = 60;
  readonly runValid = false;

  /**
   * `positions`: iterations of the fit that make position 1; left out: all of them.
   * @throws OnecycleError `invalid_spec` for what is no hyper, or no schedule
   */
  constructor(
    private readonly schedules: Schedules,
    private readonly positions?: number,
  ) {
    checkSchedules(schedules);
  }

  before_batch(learn: LearnerView): void {
    const position = learn.fitIteration / (this.positions ?? learn.nEpoch * learn.batchesPerEpoch);
    for (const [name, schedules] of Object.entries(this.schedules)) {
      const perGroup = typeof schedules === 'function' ? learn.optimizer.hypers.map(() => schedules) : schedules;
      learn.optimizer.setHyper(
        name,
        perGroup.map((schedule) => schedule(position)),
      );
    }
  }
}

function checkSchedules(schedules: unknown): void {
  if (!isObject(schedules))
    throw invalidSpec('', 'must be an object with schedules by hyper: {lr: SchedLin(1e-3, 1e-2)}');
  const problems = Object.entries(schedules).flatMap(([name, given]): FieldProblem[] => {
    const at = child('', name);
    if (!hyperNames.some((known) => known === name))
      return [{ pointer: at, detail: `is not a hyperparameter; the hyperparameters are ${hyperNames.join(', ')}` }];
    const all: unknown[] = Array.isArray(given) ? given : [given];
    if (all.every((each) => typeof each === 'function')) return [];
    return [
      { pointer: at, detail: 'must be a function of a position, such as SchedLin(1e-3, 1e-2), or a list of these' },
    ];
  });
  if (problems.length > 0) throw invalidSpecs(problems);
}
