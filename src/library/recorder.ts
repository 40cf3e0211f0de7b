/** What fastai's Recorder keeps and plots, for a script. */
import { OnecycleError } from '../errors.js';
import { Recorder as BaseRecorder, type LearnerView } from '../learner/index.js';
import type { BatchRecord, EpochRecord } from '../learner/index.js';
import { finite } from '../numbers/thin.js';
import type { Curves } from '../plots/index.js';
import { findings, type SpecOf } from '../schedule/index.js';
import { hyperNames } from '../schema/hypers.js';
import { wrongArgument } from './naming.js';

/** How `plotLoss` draws: fastai's arguments. */
export interface PlotLossOptions {
  /** Iterations to leave out at the start. Default 5. */
  skipStart?: number;
  /** The validation loss too. Default true. */
  withValid?: boolean;
  /** Both axes logarithmic. Default false. */
  log?: boolean;
  /** A line where an epoch ends. Default false. */
  showEpochs?: boolean;
}

/**
 * fastai's Recorder. `batches` and `epochs` are of all fits; what is named as fastai's (`lrs`, `losses`, `hps`,
 * `values`) and what is plotted is of the last one.
 */
export class Recorder extends BaseRecorder {
  private since = { batches: 0, epochs: 0 };
  private finder: { policy: SpecOf<'lr_find'>; lrs: readonly number[]; losses: readonly number[] } | null = null;

  override before_fit(learn: LearnerView): void {
    super.before_fit(learn);
    // The phases of one policy are one fit.
    if (learn.phase === 0) this.since = { batches: this.batches.length, epochs: this.epochs.length };
  }

  override get lrs(): number[] {
    return this.lastBatches.map(({ hypers }) => hypers.lr.at(-1)!);
  }

  override get losses(): number[] {
    return this.lastBatches.map(({ loss }) => loss);
  }

  /** The hypers of each batch, by name: those of the last parameter group. */
  get hps(): Record<string, number[]> {
    const { lastBatches } = this;
    const names = Object.keys(lastBatches.at(0)?.hypers ?? {});
    return Object.fromEntries(names.map((name) => [name, lastBatches.map(({ hypers }) => hypers[name].at(-1)!)]));
  }

  /** A row per epoch: the training loss, and where rows validate the validation loss and the metrics. */
  get values(): number[][] {
    return this.lastEpochs.map(({ train_loss, valid_loss, metrics }) => [
      train_loss,
      ...(valid_loss === null ? [] : [valid_loss]),
      ...Object.values(metrics),
    ]);
  }

  /** fastai's `plot_loss`, as the text of an SVG. @throws OnecycleError `not_available` where nothing was trained */
  async plotLoss(options: PlotLossOptions = {}): Promise<string> {
    const { skipStart = 5, withValid = true, log = false, showEpochs = false } = options;
    const curves = this.curves(skipStart + 1);
    const { plotLoss } = await import('../plots/index.js');
    return plotLoss(curves, { skipStart, withValid, log, showEpochs });
  }

  /**
   * fastai's `plot_sched`, as the text of an SVG: a panel for each of `keys`, a line per parameter group. Left out: the
   * hypers that change, or all if none does.
   * @throws OnecycleError `not_available` where nothing was trained; `invalid_spec` for a key that is no hyper of it
   */
  async plotSched(keys?: readonly string[]): Promise<string> {
    const curves = this.curves(1);
    const there = hyperNames.filter((name) => name in curves.hypers);
    const unknown = keys?.findIndex((key) => !there.some((name) => name === key)) ?? -1;
    if (unknown >= 0) throw wrongArgument('plotSched', `/keys/${unknown}`, `must be one of ${there.join(', ')}`);
    const moving = there.filter((name) =>
      curves.hypers[name].some((values) => values.some((value) => value !== values[0])),
    );
    const { plotSched } = await import('../plots/index.js');
    return plotSched(curves, keys && keys.length > 0 ? keys : moving.length > 0 ? moving : there);
  }

  /**
   * fastai's `plot_lr_find`, as the text of an SVG, with the suggestions marked.
   * @throws OnecycleError `not_available` before `lrFind`
   */
  async plotLrFind({ skipEnd = 5 }: { skipEnd?: number } = {}): Promise<string> {
    if (this.finder === null)
      throw new OnecycleError('not_available', 'There is no curve to plot yet: call lrFind first');
    const { policy, lrs, losses } = this.finder;
    const curve = { lrs, losses: losses.map(finite) };
    const { plotLrFind } = await import('../plots/index.js');
    return plotLrFind({ ...curve, marks: findings(curve, policy).marks }, { skipEnd });
  }

  /** Keeps a finder's curve, to be plotted. */
  keepFinder(policy: SpecOf<'lr_find'>, { lrs, losses }: { lrs: readonly number[]; losses: readonly number[] }): void {
    this.finder = { policy, lrs, losses };
  }

  private get lastBatches(): readonly BatchRecord[] {
    return this.batches.slice(this.since.batches);
  }

  private get lastEpochs(): readonly EpochRecord[] {
    return this.epochs.slice(this.since.epochs);
  }

  private curves(least: number): Curves {
    const records = this.lastBatches;
    if (records.length < least)
      throw new OnecycleError(
        'not_available',
        `Too few batches to plot: ${records.length}, at least ${least} are needed`,
      );
    const { hypers } = records[0];
    return {
      iteration: records.map(({ iteration }) => iteration),
      epoch: records.map(({ epoch }) => epoch),
      raw_loss: records.map(({ raw_loss }) => finite(raw_loss)),
      loss: records.map(({ loss }) => finite(loss)),
      hypers: Object.fromEntries(
        Object.entries(hypers).map(([name, groups]) => [
          name,
          groups.map((_, group) => records.map((record) => record.hypers[name][group])),
        ]),
      ),
      epochs: this.lastEpochs.map(({ epoch, valid_loss }) => ({ epoch, valid_loss: finite(valid_loss) })),
    };
  }
}
