import type { CheckpointReason } from '../../schema/checkpoint-reasons.js';
import { type Callback, cancelFit } from '../events.js';
import type { EpochRecord } from '../records.js';
import type { Checkpoint, LearnerView, Position, Standing } from '../view.js';

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
  /** Batches that were trained at the last one, or when the training began: there is nothing to keep of no work. */
  private lastIterations: number | null = null;
  private readonly asked: string[] = [];
  private stopping: CheckpointReason | null = null;
  private savedBest: EpochRecord | null = null;
  /** Where the last validation began. */
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
    this.lastIterations ??= learn.iterationsDone;
  }

  before_batch(learn: LearnerView): void {
    if (this.stopping !== null) this.stopHere(learn, this.stopping);
    if (learn.training) this.saveWhatIsDue(learn);
  }

  before_validate(learn: LearnerView): void {
    this.validation = learn.standing();
  }

  after_fit(learn: LearnerView): void {
    if (this.stopped || learn.finding) return;
    this.saveBest(learn, { epoch: learn.nEpoch, batch: 0 });
  }

  private stopHere(learn: LearnerView, reason: CheckpointReason): never {
    // A validation is made whole again: half of its sums are in no checkpoint.
    const validation = learn.training ? null : this.validation;
    if (!this.stopped) this.saveStanding(learn, validation ?? learn.standing(), reason);
    this.stopped = true;
    throw cancelFit();
  }

  private saveWhatIsDue(learn: LearnerView): void {
    while (this.asked.length > 0) this.saveStanding(learn, learn.standing(), 'named', this.asked.shift());
    this.saveBest(learn);
    const due = performance.now() - this.lastMs >= this.intervalMs && learn.iterationsDone !== this.lastIterations;
    if (due && !this.sink.busy) this.saveStanding(learn, learn.standing(), 'interval');
  }

  /** `at`: what of the position is another, once the epochs are over. */
  private saveBest(learn: LearnerView, at?: Partial<Position>): void {
    if (learn.bestEpoch === this.savedBest) return;
    this.savedBest = learn.bestEpoch;
    this.saveStanding(learn, learn.standing(at), 'best');
  }

  private saveStanding(learn: LearnerView, standing: Standing, reason: CheckpointReason, name?: string): void {
    this.save({ ...standing, snapshot: learn.snapshot() }, reason, name);
  }

  private save(checkpoint: Checkpoint, reason: CheckpointReason, name?: string): void {
    this.sink.save(checkpoint, reason, name);
    this.lastMs = performance.now();
    this.lastIterations = checkpoint.snapshot.iterationsDone;
  }
}
