/** The Learner as callbacks see it. Callbacks know this and not the Learner, which implements it and runs them. */
import type { Batch } from '../data/index.js';
import type { Optimizer, OptimizerState } from '../optimizer/index.js';
import type { BatchRecord, EpochRecord } from './records.js';
import type { SmoothLoss } from './smooth-loss.js';

/** Everything that training changes, exact to the bit. */
export interface LearnerSnapshot {
  /** Parameters and the optimizer's state, in the order of the Learner's `names`. */
  values: readonly Float32Array[];
  optimizer: OptimizerState;
  iterationsDone: number;
  epochsDone: number;
}

/**
 * What a checkpoint can hold of a callback: JSON with numbers that need not be finite, and Float32Arrays. Later
 * training must not change what a `state` returned.
 */
export type CallbackState = Record<string, unknown>;

/** A callback's state, with its name to tell whose it is. */
export interface NamedState {
  name: string;
  state: CallbackState;
}

/** Between which two batches training stands. */
export interface Position {
  phase: number;
  /** Of the phase's fit, and the batch in it that comes next: as many as there are where validation does. */
  epoch: number;
  batch: number;
  /** Batches that the fit has trained. */
  fitIteration: number;
}

/** Where training stands, the Learner's snapshot aside. */
export interface Standing {
  position: Position;
  lastEpoch: EpochRecord | null;
  /** Null between two phases, where every callback starts anew. */
  callbacks: NamedState[] | null;
}

/** All that going on from a position needs: what goes on from it gets the same bits. */
export interface Checkpoint extends Standing {
  snapshot: LearnerSnapshot;
}

/** What has been recorded so far: fastai's Recorder, to be read. */
export interface Recording {
  readonly batches: readonly BatchRecord[];
  readonly epochs: readonly EpochRecord[];
  readonly smoothLoss: SmoothLoss;
  /** The rates of the last parameter group, as fastai's `recorder.lrs`. */
  readonly lrs: number[];
  /** The smoothed losses, as fastai's `recorder.losses`. */
  readonly losses: number[];
}

/** What a callback can see of the Learner, and change. */
export interface LearnerView {
  /** False in validation. */
  readonly training: boolean;
  /** Which phase of its policy this fit is. */
  readonly phase: number;
  /** Epochs of this fit, and which of them it is in. */
  readonly nEpoch: number;
  readonly epoch: number;
  /** Training batches of an epoch. */
  readonly batchesPerEpoch: number;
  /** Batches that this fit has trained; those of skipped epochs count. */
  readonly fitIteration: number;
  /** Which batch of its epoch comes next or is in hand, from 0; as many as there are once they are trained. */
  readonly batchIndex: number;
  /** Batches and epochs that all fits have trained. */
  readonly iterationsDone: number;
  readonly epochsDone: number;
  /** The batch in hand; null before the first. */
  readonly batch: Batch | null;
  /** The batch's mean loss. */
  readonly loss: number;
  /** The batch's outputs, [rows × outputs]; in validation only. */
  readonly output: Float32Array | null;
  /** The last epoch's values: what the fit ends with. */
  lastEpoch: EpochRecord | null;
  /** The epoch that a callback keeps as the best, if one does. */
  bestEpoch: EpochRecord | null;
  /** Whether this fit is a learning-rate finder's: what watches epochs has no say in it. */
  finding: boolean;
  /** Whether the next training step updates the parameters, and the weight of its gradients where they are added up. */
  step: { apply: boolean; scale: number };
  readonly optimizer: Optimizer;
  readonly recorder: Recording;
  /** Copies of the parameters, in the order of the model's `parameters`. */
  parameterValues(): Float32Array[];
  /** Sets the parameters, exact to the bit; the optimizer's state stays. */
  setParameterValues(values: readonly Float32Array[]): void;
  /** A copy of everything that training changes. */
  snapshot(): LearnerSnapshot;
  /** Goes back to a snapshot, bit for bit. */
  restore(snapshot: LearnerSnapshot): void;
  /** Where training stands between two batches. `at`: what of its position is another. */
  standing(at?: Partial<Position>): Standing;
}
