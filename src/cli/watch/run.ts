/** What a watcher knows of a job: its record, and what its frames have said since. */
import type { JobFrame, JobRecord } from '../../client/index.js';

type EpochFrame = Extract<JobFrame, { type: 'epoch' }>;

/** A job that is watched. */
export class Run {
  /** The smoothed loss by iteration. */
  readonly iterations: number[] = [];
  readonly losses: (number | null)[] = [];
  status: JobRecord['status'];
  epoch = 0;
  percent: number;
  estimatedFinish: string | null;
  hypers: Record<string, number | null> = {};

  constructor(
    readonly record: JobRecord,
    /** What rows and bars call it. */
    readonly label: string,
  ) {
    this.status = record.status;
    this.percent = record.progress.percent;
    this.estimatedFinish = record.progress.estimated_finish;
  }

  /** Whether its rate rises until the loss diverges. */
  get isFinder(): boolean {
    return this.record.type === 'lr_find';
  }

  /** How many epochs it will have; null until that is known. */
  get nEpoch(): number | null {
    return this.record.progress.n_epoch ?? epochsOf(this.record.spec.policy);
  }

  /** Takes in a frame. */
  see(frame: JobFrame): void {
    if (frame.type === 'status') this.status = frame.status;
    if (frame.type === 'rewind') this.rewind(frame.iteration);
    if (frame.type === 'batches') this.addBatches(frame);
    if (frame.type === 'epoch') this.epoch = frame.epoch + 1;
    if (frame.type !== 'batches' && frame.type !== 'epoch') return;
    this.status = 'running';
    const progress = 'progress' in frame ? frame.progress : undefined;
    if (!progress) return;
    this.percent = progress.percent;
    this.estimatedFinish = progress.estimated_finish;
  }

  private addBatches(frame: Extract<JobFrame, { type: 'batches' }>): void {
    for (const [i, iteration] of frame.iteration.entries()) {
      this.iterations.push(iteration);
      this.losses.push(frame.loss[i]);
    }
    this.epoch = frame.epoch.at(-1) ?? this.epoch;
    // The last group's, as fastai's recorder keeps it.
    this.hypers = Object.fromEntries(
      Object.entries(frame.hypers).map(([name, groups]) => [name, groups.at(-1)?.at(-1) ?? null]),
    );
  }

  /** What follows replaces the iterations from this one on. */
  private rewind(iteration: number): void {
    const from = this.iterations.findIndex((each) => each >= iteration);
    if (from < 0) return;
    this.iterations.length = from;
    this.losses.length = from;
  }
}

/** Of the policies that say it by one number. */
function epochsOf(policy: JobRecord['spec']['policy']): number | null {
  if ('n_epoch' in policy) return policy.n_epoch;
  return null;
}

/** The names of the metrics that a job computes, in its order. */
export const metricNames = ({ spec }: JobRecord): string[] =>
  spec.metrics
    .map((metric) => (typeof metric === 'string' ? metric : metric.name))
    .filter((name) => name !== 'confusion_matrix');

/** An epoch that has ended, as fastai's table has it. */
export type EpochRow = Pick<EpochFrame, 'epoch' | 'train_loss' | 'valid_loss' | 'metrics' | 'seconds'>;
