/** The Learner for a script: fastai's methods on it, and a short way to make one. */
import { OnecycleError } from '../errors.js';
import {
  between,
  checkpointFile,
  Learner as BaseLearner,
  loadState,
  weightsFile,
  type Callback,
  type LrFindResult,
} from '../learner/index.js';
import { answersOf, modelMetadata, readSafetensors, type Answer, type KeptModel } from '../models/index.js';
import type { SuggestionName } from '../schedule/index.js';
import type { ArgumentsOf, RateOr } from './arguments.js';
import { checkedParts } from './check.js';
import { partsOf, removeScratch } from './create.js';
import { checkedPath, exportFormats, formatOf, writeModel, writeWhole, type ExportFormat } from './export.js';
import { wrongArgument } from './naming.js';
import { runFit, runLrFind, type MethodCall } from './fits.js';
import type { CreateOptions } from './options.js';
import type { LearnerOptions } from './learner-options.js';
import { Predictor, readAll, type Input } from './predictor.js';
import { ProgressCallback } from './progress.js';
import { Recorder } from './recorder.js';
import { outputsOf, validate, type Validation } from './validation.js';

/** What a finder found: the suggested rates by their names, null where the curve allows none, and the curve. */
export type Found = LrFindResult & Record<SuggestionName, number | null>;

/**
 * fastai's Learner. `create` makes one of a data set and a model by name; the constructor takes the parts. The methods
 * are fastai's, in camelCase; each throws OnecycleError `invalid_spec` that says what is wrong with its arguments, and
 * nothing has trained then.
 */
export class Learner extends BaseLearner {
  declare readonly options: LearnerOptions;
  declare readonly recorder: Recorder;
  private logging: boolean;
  private fitting = false;
  private predictor: Predictor | null = null;

  /** @throws OnecycleError `invalid_spec` where a part is missing or is something else */
  constructor(options: LearnerOptions) {
    const { metrics = [], recorder = new Recorder(metrics) } = checkedParts(options);
    super({ ...options, recorder });
    this.logging = options.logging ?? process.stderr.isTTY;
  }

  /**
   * A Learner of a data set and a model by name, on the engine of this machine. Its options are those of a job.
   * @throws OnecycleError `invalid_spec` with everything that is wrong with them, and what would be right;
   *   `invalid_dataset` for a file that cannot be used
   */
  static async create(options: CreateOptions): Promise<Learner> {
    return new Learner(await partsOf(options));
  }

  /** fastai's `fit`: so many epochs at a constant rate, or by custom schedules. */
  override fit(nEpoch: number, args: RateOr<ArgumentsOf<'fit', 'n_epoch'>> = {}): Promise<void> {
    return this.run({ method: 'fit', policy: 'fit', before: { n_epoch: nEpoch }, args, rate: 'lr' });
  }

  /** fastai's `fit_one_cycle`: Smith's 1cycle policy. */
  fitOneCycle(nEpoch: number, args: RateOr<ArgumentsOf<'fit_one_cycle', 'n_epoch'>> = {}): Promise<void> {
    const before = { n_epoch: nEpoch };
    return this.run({ method: 'fitOneCycle', policy: 'fit_one_cycle', before, args, rate: 'lr_max' });
  }

  /** fastai's `fit_flat_cos`: a flat rate, then a cosine down. */
  fitFlatCos(nEpoch: number, args: RateOr<ArgumentsOf<'fit_flat_cos', 'n_epoch'>> = {}): Promise<void> {
    const before = { n_epoch: nEpoch };
    return this.run({ method: 'fitFlatCos', policy: 'fit_flat_cos', before, args, rate: 'lr' });
  }

  /** fastai's `fit_sgdr`: Loshchilov and Hutter's warm restarts. */
  fitSgdr(
    nCycles: number,
    cycleLen: number,
    args: RateOr<ArgumentsOf<'fit_sgdr', 'n_cycles' | 'cycle_len'>> = {},
  ): Promise<void> {
    const before = { n_cycles: nCycles, cycle_len: cycleLen };
    return this.run({ method: 'fitSgdr', policy: 'fit_sgdr', before, args, rate: 'lr_max' });
  }

  /** fastai's `fine_tune`: the head alone, then everything with discriminative rates. */
  fineTune(epochs: number, args: RateOr<ArgumentsOf<'fine_tune', 'epochs'>> = {}): Promise<void> {
    return this.run({ method: 'fineTune', policy: 'fine_tune', before: { epochs }, args, rate: 'base_lr' });
  }

  /**
   * fastai's `lr_find`: the rates that the curve suggests. It draws nothing (`recorder.plotLrFind` does), and the
   * Learner is afterwards bit for bit what it was.
   */
  async lrFind(args: ArgumentsOf<'lr_find'> = {}): Promise<Found> {
    const found = await this.alone(() => runLrFind(this, args, this.logs()));
    const none = { valley: null, slide: null, minimum: null, steep: null, lr_min: null, lr_steep: null };
    return { ...none, ...found.suggestions, ...found };
  }

  /** fastai's `freeze_to`: groups before `index` don't train; negative counts from the end. */
  override freezeTo(index: number): void {
    if (!Number.isInteger(index) || Math.abs(index) > this.groups)
      throw wrongArgument(
        'freezeTo',
        '/index',
        `must be an integer from ${-this.groups} to ${this.groups}, the parameter groups`,
      );
    super.freezeTo(index);
  }

  /** fastai's `no_logging`: fits within are silent. Returns what `within` does. */
  async noLogging<T>(within: () => Promise<T> | T): Promise<T> {
    const before = this.logging;
    this.logging = false;
    try {
      return await within();
    } finally {
      this.logging = before;
    }
  }

  /** fastai's `validate`: the mean loss and the metrics over the rows that validate. */
  validate(): Promise<Validation> {
    return validate(this, this.options.metrics ?? []);
  }

  /** fastai's `get_preds`: what the model says of each row that validates, and what is right. */
  async getPreds(): Promise<{ preds: Answer[]; targets: number[] | number[][] }> {
    const kept = this.keptFor('getPreds');
    const { output, targets } = await outputsOf(this);
    return { preds: answersOf(kept, output).data, targets };
  }

  /**
   * fastai's `predict`, of several rows: `{class, probabilities}` or `{values}` of each.
   * @throws OnecycleError `invalid_rows` with the row and the column of each mistake
   */
  predict(input: Input): Promise<Answer[]> {
    const kept = this.keptFor('predict');
    const weights = this.parameterValues();
    if (this.predictor === null) this.predictor = new Predictor(this.options.engine, { ...kept, weights });
    else this.predictor.update(weights);
    return this.predictor.predict(input);
  }

  /** fastai's `save`: parameters and, unless `withOpt` is false, the optimizer's state, as safetensors. */
  async save(path: string, { withOpt = true }: { withOpt?: boolean } = {}): Promise<void> {
    await writeWhole(checkedPath(path), withOpt ? this.stateParts() : weightsFile(this, this.metadata()));
  }

  /**
   * fastai's `load`: what `save` wrote, a checkpoint or the weights of a job; parameters are taken by name and shape.
   * Where the file has the optimizer's state, that too, unless `withOpt` is false.
   * @throws OnecycleError `bad_data` for what does not fit
   */
  async load(path: string, { withOpt = true }: { withOpt?: boolean } = {}): Promise<void> {
    const bytes = await readAll(path);
    const optimizer = withOpt && 'optimizer' in readSafetensors(bytes).metadata;
    loadState(this, bytes, { optimizer });
  }

  /**
   * fastai's `export`: the model to predict with, by the path's ending. `.safetensors` is what `loadLearner` reads,
   * `.onnx`, `.zip` (everything), else a folder for `tf.loadLayersModel`.
   */
  async export(path: string, { format }: { format?: ExportFormat } = {}): Promise<void> {
    if (format !== undefined && !exportFormats.includes(format))
      throw wrongArgument('export', '/format', `must be one of ${exportFormats.join(', ')}`);
    const model = { ...this.keptFor('export'), weights: this.parameterValues() };
    await writeModel(checkedPath(path), format ?? formatOf(path), model, () => this.stateParts());
  }

  /** Gives the engine's memory back, the loaders' threads and what lies on the disk. The values stay. */
  override dispose(): void {
    this.predictor?.dispose();
    this.predictor = null;
    super.dispose();
    if (this.options.scratch !== undefined) removeScratch(this.options.scratch);
  }

  private run(call: MethodCall): Promise<void> {
    return this.alone(() => runFit(this, call, this.logs()));
  }

  /** @throws OnecycleError `conflict` while another fit runs */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.fitting) throw new OnecycleError('conflict', 'This Learner is already running a fit: await that first');
    this.fitting = true;
    try {
      return await work();
    } finally {
      this.fitting = false;
    }
  }

  private logs(): Callback[] {
    return this.logging ? [new ProgressCallback(process.stderr)] : [];
  }

  private stateParts(): Uint8Array[] {
    return checkpointFile(this, between(this, this.phase), this.metadata());
  }

  private metadata(): Record<string, string> {
    const { kept } = this.options;
    return kept ? modelMetadata(kept) : {};
  }

  private keptFor(method: string): KeptModel {
    const { kept } = this.options;
    if (kept) return kept;
    throw new OnecycleError(
      'not_available',
      `${method} needs the processing of raw rows: create the Learner with Learner.create`,
    );
  }
}
