import { Type, type Static } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { complete } from '../../schema/complete.js';
import { defaulted, NotNegative, oneOf, optional, strict } from '../../schema/fields.js';
import type { Callback } from '../events.js';
import { isMetricName, metrics } from '../metrics/index.js';
import type { CallbackState, LearnerView } from '../view.js';

/** The arguments of every tracker. */
export const trackerArguments = {
  monitor: defaulted(Type.String({ description: '`train_loss`, `valid_loss`, or a metric of the job' }), 'valid_loss'),
  comp: optional(
    oneOf(['less', 'greater'], {
      description: 'Which direction is better. Left out: `less` for losses and errors, `greater` for everything else',
    }),
  ),
  min_delta: defaulted(NotNegative('Smallest change that counts as an improvement'), 0),
};

/** The arguments of a tracker that waits. */
export const patientArguments = {
  ...trackerArguments,
  patience: defaulted(
    Type.Integer({ minimum: 1, description: 'Number of epochs without an improvement to wait for' }),
    1,
  ),
};

const TrackerArguments = strict(trackerArguments);
const PatientArguments = strict(patientArguments);

/** What a tracker monitors, and what an improvement is. */
export type TrackerOptions = Static<typeof TrackerArguments>;
/** The same, and how many epochs it waits for an improvement. */
export type PatientOptions = Static<typeof PatientArguments>;

/** fastai's TrackerCallback: keeps the best value of what it monitors, and whether this epoch has made it better. */
export abstract class Tracker implements Callback {
  abstract readonly name: string;
  abstract readonly order: number;
  protected readonly monitor: string;
  private readonly less: boolean;
  private readonly minDelta: number;
  private best: number;

  constructor(options: TrackerOptions = {}) {
    const { monitor, comp, min_delta } = complete(TrackerArguments, options);
    this.monitor = monitor;
    this.less = comp === undefined ? lessIsBetter(monitor) : comp === 'less';
    this.minDelta = min_delta;
    this.best = this.worst;
  }

  before_fit(_learn: LearnerView): void {
    this.best = this.worst;
  }

  after_epoch(learn: LearnerView): void {
    if (learn.finding) return;
    const value = monitored(learn, this.monitor);
    const better = this.less ? value + this.minDelta < this.best : value - this.minDelta > this.best;
    if (better) this.best = value;
    this.afterValue(learn, better);
  }

  /** What follows from an epoch's value. */
  protected abstract afterValue(learn: LearnerView, better: boolean): void;

  state(): CallbackState {
    return { best: this.best };
  }

  restore({ best }: CallbackState): void {
    this.best = Number(best);
  }

  private get worst(): number {
    return this.less ? Infinity : -Infinity;
  }
}

/** A Tracker that waits some epochs for an improvement: what early stopping and reducing on a plateau share. */
export abstract class PatientTracker extends Tracker {
  /** Epochs in a row without an improvement. */
  protected wait = 0;
  private readonly patience: number;

  constructor(options: PatientOptions = {}) {
    super(options);
    this.patience = complete(PatientArguments, options).patience;
  }

  override before_fit(learn: LearnerView): void {
    this.wait = 0;
    super.before_fit(learn);
  }

  protected override afterValue(learn: LearnerView, better: boolean): void {
    this.wait = better ? 0 : this.wait + 1;
    if (this.wait >= this.patience) this.afterPatience(learn);
  }

  /** What follows when it has waited long enough. */
  protected abstract afterPatience(learn: LearnerView): void;

  override state(): CallbackState {
    return { ...super.state(), wait: this.wait };
  }

  override restore(state: CallbackState): void {
    super.restore(state);
    this.wait = Number(state.wait);
  }
}

/** What is monitored is a loss, or a metric, which says so of itself. */
const lessIsBetter = (monitor: string): boolean => !isMetricName(monitor) || metrics[monitor].lessIsBetter === true;

/** The epoch's value. Where there is none, as without validation, waiting for it to improve would end every fit. */
function monitored({ lastEpoch }: LearnerView, name: string): number {
  const { train_loss, valid_loss, metrics } = lastEpoch!;
  const values: Record<string, number> = { train_loss, ...(valid_loss !== null && { valid_loss }), ...metrics };
  if (Object.hasOwn(values, name)) return values[name];
  throw new OnecycleError(
    'invalid_spec',
    `An epoch has no ${name} to monitor; it has ${Object.keys(values).join(', ')}`,
  );
}
