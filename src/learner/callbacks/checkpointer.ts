import { type Callback, cancelFit } from '../events.js';
import type { EpochRecord } from '../records.js';
import type { Checkpoint, LearnerView, Standing } from '../view.js';

/** Why a checkpoint is made. */
export const checkpointReasons = [
  'interval',
  'best',
  'phase',
  'paused',
  'shutdown',
  'cancelled',
  'named',
  'final',
] as const;
/** One of them. */
export type CheckpointReason = (typeof checkpointReasons)[number];

/** Takes checkpoints in: `busy` while an earlier one is on its way, and one more at an interval would only queue. */
export interface CheckpointSink {
  readonly busy: boolean;
  save(checkpoint: Checkpoint, reason: CheckpointReason, name?: string): void;
}

/**
 * Makes checkpoints between two batches: every `intervalMs`, once a callback keeps an epoch as the best, when one is
 * asked for, and when the training is to stop, which it then does.
 */
export class Checkpointer implements Callback {
  readonly name = 'checkpointer';
  /** Before all others: whatever they keep is then as the last batch left it. */
  readonly order = -1000;
  private lastMs = performance.now();
  private readonly asked: string[] = [];
  private stopping: CheckpointReason | null = null;
  private savedBest: EpochRecord | null = null;
  /** Where this epoch's validation began. */
  private validation: Standing | null = null;
  /** Whether it has ended the training. */
  stopped = false;

  constructor(
    private readonly sink: CheckpointSink,
    private readonly intervalMs: number,
  ) {}

  /** One with a name, before the next training batch. */
  ask(name: string): void {
    this.asked.push(name);
  }

  /** The training is to stop before its next batch. */
  stop(reason: CheckpointReason): void {
    this.stopping ??= reason;
  }

  /** What a phase ended with; nothing where the training was stopped. */
  afterPhase(checkpoint: Checkpoint): void {
    if (!this.stopped) this.save(checkpoint, 'phase');
  }

  before_fit(learn: LearnerView): void {
    this.savedBest = learn.bestEpoch;
  }

  before_batch(learn: LearnerView): void {
    if (this.stopping !== null) this.stopHere(learn, this.stopping);
    if (learn.training) this.saveWhatIsDue(learn);
  }

  before_validate(learn: LearnerView): void {
    this.validation = learn.standing();
  }

  after_validate(): void {
    this.validation = null;
  }

  after_fit(learn: LearnerView): void {
    if (this.stopped || learn.finding) return;
    this.saveBest(learn, learn.standing({ epoch: learn.nEpoch, batch: 0 }));
  }

  private stopHere(learn: LearnerView, reason: CheckpointReason): never {
    if (!this.stopped) this.saveStanding(learn, this.validation ?? learn.standing(), reason);
    this.stopped = true;
    throw cancelFit();
  }

  private saveWhatIsDue(learn: LearnerView): void {
    for (const name of this.asked.splice(0)) this.saveStanding(learn, learn.standing(), 'named', name);
    if (learn.bestEpoch !== this.savedBest) this.saveBest(learn, learn.standing());
    if (performance.now() - this.lastMs >= this.intervalMs && !this.sink.busy)
      this.saveStanding(learn, learn.standing(), 'interval');
  }

  private saveBest(learn: LearnerView, standing: Standing): void {
    if (learn.bestEpoch === this.savedBest) return;
    this.savedBest = learn.bestEpoch;
    this.saveStanding(learn, standing, 'best');
  }

  private saveStanding(learn: LearnerView, standing: Standing, reason: CheckpointReason, name?: string): void {
    this.save({ ...standing, snapshot: learn.snapshot() }, reason, name);
  }

  private save(checkpoint: Checkpoint, reason: CheckpointReason, name?: string): void {
    this.sink.save(checkpoint, reason, name);
    this.lastMs = performance.now();
  }
}
