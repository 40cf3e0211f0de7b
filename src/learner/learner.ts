import { setImmediate } from 'node:timers/promises';
import type { Batch, BatchLoader, Dataset } from '../data/index.js';
import type { Engine, Run } from '../engine/index.js';
import { initialWeights, type ModelPlan } from '../models/index.js';
import { completeOptimizer, Optimizer, type OptimizerSpec } from '../optimizer/index.js';
import { learnerDefaults } from '../schedule/index.js';
import { CallbackList } from './callback-list.js';
import { Recorder } from './callbacks/recorder.js';
import { type Callback, CancelSignal } from './events.js';
import type { StepOptions } from './gradients.js';
import { type LossSpec, makeLoss } from './losses/index.js';
import type { MetricSpec } from './metrics/index.js';
import { ModelOnEngine, type ModelOnEnginePlan } from './model-on-engine.js';
import type { EpochRecord } from './records.js';
import type { Checkpoint, LearnerSnapshot, LearnerView, Position, Standing } from './view.js';

/** What a Learner is made of: fastai's arguments, and the engine that it trains on. */
export interface LearnerOptions {
  engine: Engine;
  model: ModelPlan;
  /** In `model.parameters`' order; left out: as PyTorch's layers start, from `seed`. */
  weights?: readonly Float32Array[];
  data: { dataset: Dataset; train: BatchLoader; valid: BatchLoader | null };
  loss: LossSpec;
  metrics?: readonly MetricSpec[];
  /** fastai's Adam if left out. */
  optimizer?: OptimizerSpec;
  /** Batch norm trains in frozen groups too. Default true. */
  trainBn?: boolean;
  /** Weight decay on biases and batch norm too. Default false. */
  wdBnBias?: boolean;
  /** fastai's Learner arguments; defaults 0.001 and [0.95, 0.85, 0.95]. */
  lr?: number;
  moms?: [number, number, number];
  seed?: number;
  /** On every fit. */
  callbacks?: readonly Callback[];
  /** What is compiled into the step: what GradientClip, GradientAccumulation and MixUp set. */
  step?: StepOptions;
  /** One that keeps what it records, of `metrics`, if left out. */
  recorder?: Recorder;
}

/** How a fit goes about it. */
export interface FitOptions {
  /** For this fit alone, beside the Learner's. */
  callbacks?: readonly Callback[];
  /** Epochs before this one are skipped. */
  startEpoch?: number;
  /** Goes on from here. */
  resume?: Checkpoint | undefined;
}

/** How long training may keep the event loop to itself: a trainer must hear a cancel, and that its worker is gone. */
const yieldEveryMs = 5;

/**
 * fastai's Learner: a model, data, a loss and an optimizer, and the loop with its events. Everything else is a
 * callback. The model lives on the engine; it is made when the first fit needs it.
 */
export class Learner implements LearnerView {
  readonly optimizer: Optimizer;
  readonly recorder: Recorder;
  readonly seed: number;

  // Where training is: LearnerView says what each of these means.
  training = false;
  phase = 0;
  nEpoch = 0;
  epoch = 0;
  batchIndex = 0;
  fitIteration = 0;
  iterationsDone = 0;
  epochsDone = 0;
  batch: Batch | null = null;
  loss = NaN;
  output: Float32Array | null = null;
  lastEpoch: EpochRecord | null = null;
  bestEpoch: EpochRecord | null = null;
  finding = false;
  step = { apply: true, scale: 1 };

  private readonly model: ModelOnEngine;
  private callbacks = new CallbackList([]);
  /** What this fit goes on from, until it is there. */
  private resume: Checkpoint | null = null;
  private yieldedMs = 0;

  constructor(readonly options: LearnerOptions) {
    const { model, trainBn = true, wdBnBias = false, optimizer, weights } = options;
    this.seed = options.seed ?? 42;
    this.recorder = options.recorder ?? new Recorder(options.metrics ?? []);
    const groupOf = (layer: number) => model.param_groups.findIndex((group) => group.includes(layer));
    const parameters = model.parameters
      .filter(({ kind }) => kind !== 'statistic')
      .map(({ layer, kind }) => ({
        group: groupOf(layer),
        decays: wdBnBias || kind === 'weight',
        forceTrain: trainBn && kind === 'norm',
      }));
    this.optimizer = new Optimizer(
      optimizer ?? completeOptimizer({ name: 'adam' }),
      parameters,
      model.param_groups.length,
      options.lr ?? learnerDefaults.lr,
    );
    this.model = new ModelOnEngine(this.runPlan(), weights ?? initialWeights(model, this.seed));
  }

  /** How many parameter groups there are. */
  get groups(): number {
    return this.optimizer.groups;
  }

  /** Training batches of an epoch. */
  get batchesPerEpoch(): number {
    return this.options.data.train.batches;
  }

  /** How the engine runs the steps; null before the first fit. */
  get mode(): Run['mode'] | null {
    return this.model.mode;
  }

  /**
   * fastai's `freeze_to`: groups before `index` don't train; negative counts from the end.
   * The optimizer's state, not its hypers, starts anew.
   */
  freezeTo(index: number): void {
    this.optimizer.frozenTo = this.groupIndex(index);
    this.optimizer.clearState();
    this.model.clearState();
  }

  /** All groups but the last are frozen. */
  freeze(): void {
    this.freezeTo(-1);
  }

  /** All groups train. */
  unfreeze(): void {
    this.freezeTo(0);
  }

  /**
   * Makes what fits with these freezings need, all in one graph; each would else do so for itself.
   * @throws OnecycleError `unsupported_by_engine` where the engine lacks a kernel
   */
  prepare(frozen: readonly number[]): void {
    this.options.data.train.start(); // its first batches are there when the model is
    this.model.prepare(frozen.map((index) => this.groupIndex(index)));
  }

  /**
   * fastai's loop: `nEpoch` epochs of training and validation, with the hypers as they stand. `startEpoch` skips the
   * epochs before it; `resume` goes on from a checkpoint that the same fit with the same callbacks made.
   * @throws what a callback throws, the signals of fastai aside; OnecycleError `bad_data` for another fit's checkpoint
   */
  async runEpochs(nEpoch: number, { callbacks = [], startEpoch = 0, resume }: FitOptions = {}): Promise<void> {
    this.prepare([this.optimizer.frozenTo]);
    this.callbacks = new CallbackList([this.recorder, ...(this.options.callbacks ?? []), ...callbacks]);
    this.nEpoch = nEpoch;
    this.bestEpoch = null;
    this.resume = resume ?? null;
    const { epoch, batch, fitIteration } = resume?.position ?? this.startOf(startEpoch);
    this.fitIteration = fitIteration;
    try {
      await this.withEvents('fit', async () => {
        for (this.epoch = epoch; this.epoch < nEpoch; this.epoch++) {
          await this.withEvents('epoch', () => this.oneEpoch(this.epoch === epoch ? batch : 0));
          this.epochsDone++;
        }
        this.goOn();
      });
    } finally {
      this.resume = null;
      this.callbacks.cleanUp(this);
    }
  }

  /** The same, for whoever sets the hypers by callbacks. */
  async fit(nEpoch: number, options: FitOptions = {}): Promise<void> {
    await this.runEpochs(nEpoch, options);
  }

  private startOf(epoch: number): Omit<Position, 'phase'> {
    return { epoch, batch: 0, fitIteration: epoch * this.options.data.train.batches };
  }

  /** Goes on from the checkpoint, once all events before its position have come. */
  private goOn(): void {
    const { resume } = this;
    if (resume === null) return;
    this.resume = null;
    this.restore(resume.snapshot);
    this.lastEpoch = resume.lastEpoch;
    this.callbacks.restore(resume.callbacks ?? []);
  }

  private async oneEpoch(start: number): Promise<void> {
    const { train, valid } = this.options.data;
    this.training = true;
    await this.withEvents('train', () => this.trainEpoch(train, start));
    this.batchIndex = train.batches;
    this.training = false;
    this.goOn();
    if (valid !== null) await this.withEvents('validate', () => this.allBatches(valid.epoch(0)));
  }

  private async trainEpoch(loader: BatchLoader, start: number): Promise<void> {
    this.batchIndex = start;
    if (start < loader.batches) this.goOn();
    await this.allBatches(loader.epoch(this.epochsDone, start));
  }

  private async allBatches(batches: Iterable<Batch | Promise<Batch>>): Promise<void> {
    for (const next of batches) {
      const batch = next instanceof Promise ? await next : next;
      this.batch = batch;
      this.withBatchEvents(this.training ? () => this.trainBatch(batch) : () => this.validateBatch(batch));
      if (this.training) this.batchIndex++;
      if (performance.now() - this.yieldedMs > yieldEveryMs) await this.yieldToEventLoop();
    }
  }

  private trainBatch(batch: Batch): void {
    this.loss = this.model.train(batch, { iteration: this.iterationsDone, ...this.step });
    this.iterationsDone++;
    this.fitIteration++;
  }

  private validateBatch(batch: Batch): void {
    const { loss, output } = this.model.evaluate(batch);
    Object.assign(this, { loss, output });
  }

  /** Lets the event loop turn. */
  private async yieldToEventLoop(): Promise<void> {
    await setImmediate();
    this.yieldedMs = performance.now();
  }

  /** Mean loss and outputs of a batch of rows by the model as it stands. */
  evaluate(batch: Batch): { loss: number; output: Float32Array } {
    return this.model.evaluate(batch);
  }

  /** A fresh optimizer: its own hypers, no state. */
  resetOptimizer(): void {
    this.optimizer.reset();
    this.model.clearState();
  }

  parameterValues(): Float32Array[] {
    return this.model.parameters();
  }

  setParameterValues(values: readonly Float32Array[]): void {
    this.model.write([...values, ...this.model.read().slice(values.length)]);
  }

  /** Names of a snapshot's values, parameters first. */
  get names(): string[] {
    return this.model.names;
  }

  snapshot(): LearnerSnapshot {
    const { iterationsDone, epochsDone } = this;
    return { values: this.model.read(), optimizer: this.optimizer.state(), iterationsDone, epochsDone };
  }

  restore({ values, optimizer, iterationsDone, epochsDone }: LearnerSnapshot): void {
    this.model.write(values);
    this.optimizer.restore(optimizer);
    Object.assign(this, { iterationsDone, epochsDone });
  }

  standing(at: Partial<Position> = {}): Standing {
    const { phase, epoch, batchIndex: batch, fitIteration, lastEpoch } = this;
    return { position: { phase, epoch, batch, fitIteration, ...at }, lastEpoch, callbacks: this.callbacks.states() };
  }

  /** Gives the engine's memory back, and the loaders' threads; the values stay with the Learner. */
  dispose(): void {
    const { train, valid } = this.options.data;
    train.dispose();
    valid?.dispose();
    this.model.release();
  }

  private runPlan(): ModelOnEnginePlan {
    const { engine, model, loss, data, step = {} } = this.options;
    const sizes = { train: data.train.sizes, valid: data.valid?.sizes ?? [] };
    return {
      engine,
      model,
      loss: makeLoss(loss, { target: data.dataset.target, y: data.dataset.y, rows: data.train.indexes }),
      optimizer: this.optimizer,
      data: data.dataset,
      sizes,
      options: step,
      seed: this.seed,
    };
  }

  private groupIndex(index: number): number {
    return index < 0 ? this.groups + index : index;
  }

  private async withEvents(part: 'fit' | 'epoch' | 'train' | 'validate', body: () => Promise<void>): Promise<void> {
    try {
      this.callbacks.call(`before_${part}`, this);
      await body();
    } catch (signal) {
      this.cancelled(part, signal);
    }
    this.callbacks.call(`after_${part}`, this);
  }

  /** The same for a batch, without a promise: there are a hundred thousand a second. */
  private withBatchEvents(body: () => void): void {
    try {
      this.callbacks.callForBatch('before_batch', this);
      body();
    } catch (signal) {
      this.cancelled('batch', signal);
    }
    this.callbacks.callForBatch('after_batch', this);
  }

  private cancelled(part: CancelSignal['part'], signal: unknown): void {
    if (!(signal instanceof CancelSignal) || signal.part !== part) throw signal;
    this.callbacks.call(`after_cancel_${part}`, this);
  }
}
