import { type Callback, cancelFit } from '../events.js';
import type { LearnerView } from '../view.js';

/** Where a run leaves its schedule, and over how many epochs it then anneals to zero. */
export interface Finish {
  /** Counted over the whole run, from 0. */
  iteration: number;
  cooldown: number;
}

/**
 * Leaves the schedule before its end: at the iteration that it was given, or before the next batch once it is asked.
 */
export class Finisher implements Callback {
  readonly name = 'finisher';
  readonly order = -900;
  readonly runValid = false;
  private asked: number | null = null;
  /** Where it left the schedule; null while it has not. */
  finished: Finish | null = null;

  /** `onFinish` hears where it leaves. */
  constructor(
    readonly planned: Finish | null,
    private readonly onFinish: (finish: Finish) => void,
  ) {}

  /** Leaves before the next batch, with so many epochs of cooldown. */
  ask(cooldown: number): void {
    this.asked ??= cooldown;
  }

  before_batch({ iterationsDone: iteration }: LearnerView): void {
    const cooldown = this.planned ? this.planned.cooldown : this.asked;
    if (cooldown === null || iteration < (this.planned?.iteration ?? 0)) return;
    this.finished = { iteration, cooldown };
    this.onFinish(this.finished);
    throw cancelFit();
  }
}
