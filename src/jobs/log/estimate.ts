/** When a run will have ended, from how long its steps and its epochs took. Pure: the clock is passed in. */
import type { Progress } from '../record.js';

/** Where a run is: after some of its batches, or where an epoch has ended. */
export type Position = Pick<Progress, 'phase' | 'epoch' | 'iteration'>;
/** How far it is, and how far it is to go. */
export type Way = Pick<Progress, 'epoch' | 'n_epoch' | 'iteration' | 'n_iteration'>;
type Mark = Position & { atMs: number };

/** Frames come in bursts: what is shorter than this says little. */
const spanMs = 200;
/** As many measurements say how fast a run is: its last five seconds, or its last steps where these are slow. */
const kept = 25;

/**
 * Measures a run while it is told where it is. All it reckons with are medians of what was measured last, so that a
 * stall counts for little. A phase is measured from its first batch on, which is left out because it compiles; until
 * then it is taken to be as fast as the one before, and so are the phases that are to come.
 */
export class FinishEstimate {
  #last: Mark | null = null;
  /** Where the steps begin that are being measured; null before the first batch of an epoch. */
  #steps: Mark | null = null;
  /** Where the epochs begin that are being measured. */
  #epochs: Mark | null = null;
  /** Counts once another batch follows: batches that are told of when their epoch ends have waited for validation. */
  #stepMs: number | null = null;
  #stepsMs: number[] = [];
  /** What a step takes with its share of validation: all that there is where epochs are too short for more. */
  #wholeStepsMs: number[] = [];
  /** What an epoch takes beyond its steps, above all for validation. */
  #validationsMs: number[] = [];
  /** Whether steps were measured since the last measurement of epochs. */
  #stepsAreNew = false;
  /** Whether steps and epochs are those of the phase before. */
  #outdated = false;

  /** Where the run is at `nowMs`, of a clock that never jumps. */
  observe(nowMs: number, { phase, epoch, iteration }: Position): void {
    const mark: Mark = { atMs: nowMs, phase, epoch, iteration };
    if (!this.#epochs || this.#last?.phase !== phase) {
      this.#steps = this.#epochs = mark;
      this.#stepMs = null;
      this.#outdated = true;
    } else if (epoch > this.#last.epoch) this.#endEpoch(this.#epochs, mark);
    else this.#goOn(mark);
    this.#last = mark;
  }

  /** Milliseconds from the last observation to the end; null where there is no telling. */
  remainingMs({ epoch, n_epoch, iteration, n_iteration }: Way): number | null {
    if (n_epoch === null || n_iteration === null) return null;
    const [steps, epochs] = [Math.max(0, n_iteration - iteration), Math.max(0, n_epoch - epoch)];
    const stepMs = median(this.#stepsMs);
    if (stepMs !== null) return steps * stepMs + epochs * (median(this.#validationsMs) ?? 0);
    const wholeStepMs = median(this.#wholeStepsMs);
    return wholeStepMs === null ? null : steps * wholeStepMs;
  }

  #goOn(mark: Mark): void {
    if (this.#stepMs !== null) {
      this.#renew();
      this.#stepsMs = [...this.#stepsMs, this.#stepMs].slice(-kept);
      this.#stepsAreNew = true;
      this.#stepMs = null;
    }
    this.#steps ??= mark;
    const [ms, steps] = [mark.atMs - this.#steps.atMs, mark.iteration - this.#steps.iteration];
    if (ms < spanMs || steps === 0) return;
    this.#stepMs = ms / steps;
    this.#steps = mark;
  }

  #endEpoch(from: Mark, mark: Mark): void {
    this.#steps = this.#stepMs = null;
    const [ms, epochs, steps] = [mark.atMs - from.atMs, mark.epoch - from.epoch, mark.iteration - from.iteration];
    if (ms < spanMs || steps === 0) return;
    this.#renew();
    this.#wholeStepsMs = [...this.#wholeStepsMs, ms / steps].slice(-kept);
    this.#epochs = mark;
    // Epochs too short to measure steps within: what was measured of steps before, a slow first one, is no measure.
    if (epochs > 1 && !this.#stepsAreNew) this.#stepsMs = this.#validationsMs = [];
    this.#stepsAreNew = false;
    const stepMs = median(this.#stepsMs);
    if (stepMs === null) return;
    this.#validationsMs = [...this.#validationsMs, Math.max(0, ms - steps * stepMs) / epochs].slice(-kept);
  }

  /** What is measured from now on is of the present phase. */
  #renew(): void {
    if (this.#outdated) this.#stepsMs = this.#wholeStepsMs = [];
    this.#outdated = false;
  }
}

/** The lower one of an even number: what was slow once, the first time, is no measure. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[(sorted.length - 1) >> 1] : null;
}
