import { OnecycleError } from '../../errors.js';
import type { Callback, CallbackState } from '../events.js';
import type { Learner } from '../learner.js';

export interface TrackerOptions {
  /** `valid_loss`, `train_loss`, or a metric's name. */
  monitor?: string;
  /** What is better; left out, `less` for losses and errors, `greater` for the rest. */
  comp?: 'less' | 'greater';
  min_delta?: number;
}

/** Metrics that are errors, though their names don't say so. */
const errorMetrics = new Set(['mse', 'mae']);

/** fastai's TrackerCallback: keeps the best value of what it monitors, and whether this epoch has made it better. */
export abstract class Tracker implements Callback {
  abstract readonly name: string;
  abstract readonly order: number;
  protected readonly monitor: string;
  private readonly less: boolean;
  private readonly minDelta: number;
  private best: number;

  constructor({ monitor = 'valid_loss', comp, min_delta = 0 }: TrackerOptions) {
    this.monitor = monitor;
    const isError = monitor.includes('loss') || monitor.includes('error') || errorMetrics.has(monitor);
    this.less = comp === undefined ? isError : comp === 'less';
    this.minDelta = min_delta;
    this.best = this.worst;
  }

  before_fit(_learn: Learner): void {
    this.best = this.worst;
  }

  after_epoch(learn: Learner): void {
    if (learn.finding) return;
    const value = monitored(learn, this.monitor);
    const better = this.less ? value + this.minDelta < this.best : value - this.minDelta > this.best;
    if (better) this.best = value;
    this.afterValue(learn, better);
  }

  /** What follows from an epoch's value. */
  protected abstract afterValue(learn: Learner, better: boolean): void;

  state(): CallbackState {
    return { best: Number.isFinite(this.best) ? this.best : null };
  }

  restore({ best }: CallbackState): void {
    this.best = typeof best === 'number' ? best : this.worst;
  }

  private get worst(): number {
    return this.less ? Infinity : -Infinity;
  }
}

/** A Tracker that waits some epochs for an improvement: what early stopping and reducing on a plateau share. */
export abstract class PatientTracker extends Tracker {
  protected wait = 0;

  constructor(
    options: TrackerOptions,
    private readonly patience = 1,
  ) {
    super(options);
  }

  override before_fit(learn: Learner): void {
    this.wait = 0;
    super.before_fit(learn);
  }

  protected override afterValue(learn: Learner, better: boolean): void {
    this.wait = better ? 0 : this.wait + 1;
    if (this.wait >= this.patience) this.afterPatience(learn);
  }

  protected abstract afterPatience(learn: Learner): void;

  override state(): CallbackState {
    return { ...super.state(), wait: this.wait };
  }

  override restore(state: CallbackState): void {
    super.restore(state);
    this.wait = Number(state.wait);
  }
}

/** The epoch's value. Where there is none, as there is no `valid_loss` without validation, waiting for it to improve would end every fit. */
function monitored({ lastEpoch }: Learner, name: string): number {
  const { train_loss, valid_loss, metrics } = lastEpoch!;
  const values: Record<string, number> = { train_loss, ...(valid_loss !== null && { valid_loss }), ...metrics };
  if (Object.hasOwn(values, name)) return values[name];
  throw new OnecycleError(
    'invalid_spec',
    `An epoch has no ${name} to monitor; it has ${Object.keys(values).join(', ')}`,
  );
}
