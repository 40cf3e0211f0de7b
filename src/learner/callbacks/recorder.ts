import type { Callback } from '../events.js';
import type { Learner } from '../learner.js';
import { metrics as metricMakers, Mean, type Metric, type MetricName } from '../metrics/index.js';

/** fastai's AvgSmoothLoss: an exponential average of the losses, debiased. */
export class SmoothLoss {
  private average = 0;
  private count = 0;

  constructor(private readonly beta = 0.98) {}

  reset(): void {
    this.average = 0;
    this.count = 0;
  }

  add(loss: number): void {
    this.average = loss + this.beta * (this.average - loss);
    this.count++;
  }

  /** NaN before the first loss. */
  get value(): number {
    return this.average / (1 - this.beta ** this.count);
  }

  state(): Record<string, unknown> {
    return { average: this.average, count: this.count };
  }

  restore(state: Record<string, unknown>): void {
    this.average = Number(state.average);
    this.count = Number(state.count);
  }
}

/** One training batch, as it was recorded. */
export interface BatchRecord {
  phase: number;
  epoch: number;
  iteration: number;
  raw_loss: number;
  /** fastai's smoothed loss. */
  loss: number;
  /** By name, one value a parameter group. */
  hypers: Record<string, number[]>;
}

export interface EpochRecord {
  phase: number;
  epoch: number;
  /** The smoothed loss at the epoch's end. */
  train_loss: number;
  /** Mean over the validation rows; null without validation. */
  valid_loss: number | null;
  metrics: Record<string, number>;
  seconds: number;
}

/** fastai's Recorder: after each batch the losses and the hypers of every group, after each epoch its values. It calls `onBatch` and `onEpoch` as it goes. */
export class Recorder implements Callback {
  readonly name = 'recorder';
  readonly order = 50;
  readonly batches: BatchRecord[] = [];
  readonly epochs: EpochRecord[] = [];
  onBatch: (record: BatchRecord) => void = () => undefined;
  onEpoch: (record: EpochRecord) => void = () => undefined;
  readonly smoothLoss = new SmoothLoss();
  private validLoss: Mean | null = null;
  private meters: [string, Metric][] = [];
  private started = 0;

  /** `keep` false records to the listeners alone: a long run then takes no memory here. */
  constructor(
    private readonly metrics: readonly MetricName[],
    private readonly keep = true,
  ) {}

  before_fit(): void {
    this.smoothLoss.reset();
  }

  before_epoch(): void {
    this.started = performance.now();
    this.validLoss = null;
  }

  before_validate(): void {
    this.validLoss = new Mean();
    this.meters = this.metrics.map((name) => [name, metricMakers[name]()]);
  }

  after_batch(learn: Learner): void {
    if (learn.training) this.recordBatch(learn);
    else this.measure(learn);
  }

  after_cancel_validate(): void {
    this.validLoss = null;
  }

  after_epoch(learn: Learner): void {
    const { validLoss } = this;
    const record: EpochRecord = {
      phase: learn.phase,
      epoch: learn.epochsDone,
      train_loss: this.smoothLoss.value,
      valid_loss: validLoss?.value ?? null,
      metrics:
        validLoss === null ? {} : Object.fromEntries(this.meters.map(([name, metric]) => [name, metric.value()])),
      seconds: (performance.now() - this.started) / 1000,
    };
    learn.lastEpoch = record;
    if (this.keep) this.epochs.push(record);
    this.onEpoch(record);
  }

  state(): Record<string, unknown> {
    return this.smoothLoss.state();
  }

  restore(state: Record<string, unknown>): void {
    this.smoothLoss.restore(state);
  }

  /** The rates of the last group, as fastai's `recorder.lrs`. */
  get lrs(): number[] {
    return this.batches.map(({ hypers }) => hypers.lr.at(-1)!);
  }

  /** The smoothed losses, as fastai's `recorder.losses`. */
  get losses(): number[] {
    return this.batches.map(({ loss }) => loss);
  }

  private recordBatch(learn: Learner): void {
    this.smoothLoss.add(learn.loss);
    const { hypers } = learn.optimizer;
    const record: BatchRecord = {
      phase: learn.phase,
      epoch: learn.epochsDone,
      iteration: learn.iterationsDone - 1,
      raw_loss: learn.loss,
      loss: this.smoothLoss.value,
      hypers: Object.fromEntries(Object.keys(hypers[0]).map((name) => [name, hypers.map((group) => group[name])])),
    };
    if (this.keep) this.batches.push(record);
    this.onBatch(record);
  }

  private measure({ loss, batch, output }: Learner): void {
    this.validLoss?.add(loss, batch!.rows);
    for (const [, metric] of this.meters) metric.update(output!, batch!);
  }
}
