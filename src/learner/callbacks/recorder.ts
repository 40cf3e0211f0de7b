import type { Callback } from '../events.js';
import { Mean, type MetricSpec } from '../metrics/index.js';
import { Meters } from '../metrics/meters.js';
import type { BatchRecord, EpochRecord } from '../records.js';
import { SmoothLoss } from '../smooth-loss.js';
import type { CallbackState, LearnerView, Recording } from '../view.js';

/**
 * fastai's Recorder: after each batch the losses and the hypers of every group, after each epoch its values.
 * It calls `onBatch` and `onEpoch` as it goes.
 */
export class Recorder implements Callback, Recording {
  readonly name = 'recorder';
  readonly order = 50;
  readonly batches: BatchRecord[] = [];
  readonly epochs: EpochRecord[] = [];
  onBatch: (record: BatchRecord) => void = () => undefined;
  onEpoch: (record: EpochRecord) => void = () => undefined;
  readonly smoothLoss = new SmoothLoss();
  private validLoss: Mean | null = null;
  private meters = new Meters([]);
  private startedMs = 0;

  /** `keep` false records to the listeners alone: a long run then takes no memory here. */
  constructor(
    private readonly metrics: readonly MetricSpec[],
    private readonly keep = true,
  ) {}

  before_fit(_learn: LearnerView): void {
    this.smoothLoss.reset();
  }

  before_epoch(): void {
    this.startedMs = performance.now();
    this.validLoss = null;
  }

  before_validate(): void {
    this.validLoss = new Mean();
    this.meters = new Meters(this.metrics);
  }

  after_batch(learn: LearnerView): void {
    if (learn.training) this.recordBatch(learn);
    else this.measure(learn);
  }

  after_cancel_validate(): void {
    this.validLoss = null;
  }

  after_epoch(learn: LearnerView): void {
    const { validLoss } = this;
    const record: EpochRecord = {
      phase: learn.phase,
      epoch: learn.epochsDone,
      train_loss: this.smoothLoss.value,
      valid_loss: validLoss?.value ?? null,
      ...(validLoss === null ? { metrics: {} } : this.meters.values()),
      seconds: (performance.now() - this.startedMs) / 1000,
    };
    learn.lastEpoch = record;
    if (this.keep) this.epochs.push(record);
    this.onEpoch(record);
  }

  state(): CallbackState {
    const elapsedMs = performance.now() - this.startedMs;
    const kept = { batches: [...this.batches], epochs: [...this.epochs] };
    return { elapsedMs, smoothLoss: this.smoothLoss.state(), ...(this.keep && kept) };
  }

  restore({ elapsedMs, smoothLoss, batches = [], epochs = [] }: CallbackState): void {
    this.startedMs = performance.now() - (elapsedMs as number);
    this.smoothLoss.restore(smoothLoss as CallbackState);
    refill(this.batches, batches as BatchRecord[]);
    refill(this.epochs, epochs as EpochRecord[]);
  }

  get lrs(): number[] {
    return this.batches.map(({ hypers }) => hypers.lr.at(-1)!);
  }

  get losses(): number[] {
    return this.batches.map(({ loss }) => loss);
  }

  private recordBatch(learn: LearnerView): void {
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

  private measure({ loss, batch, output }: LearnerView): void {
    this.validLoss?.add(loss, batch!.rows);
    this.meters.update(output!, batch!);
  }
}

function refill<T>(list: T[], values: readonly T[]): void {
  list.length = 0;
  for (const value of values) list.push(value);
}
