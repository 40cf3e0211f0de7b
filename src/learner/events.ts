import type { CallbackState, LearnerView } from './view.js';

/** fastai's events, in the order in which they come, less those inside of a step, which is compiled. */
export const events = [
  'before_fit',
  'before_epoch',
  'before_train',
  'before_batch',
  'after_cancel_batch',
  'after_batch',
  'after_cancel_train',
  'after_train',
  'before_validate',
  'after_cancel_validate',
  'after_validate',
  'after_cancel_epoch',
  'after_epoch',
  'after_cancel_fit',
  'after_fit',
] as const;

/** The name of an event, which is the name of a callback's method. */
export type Event = (typeof events)[number];

/**
 * Something that acts on training between its steps: fastai's Callback. A callback changes the loop by setting the
 * Learner's hypers and step options, and by throwing one of the `cancel…` signals.
 */
export type Callback = {
  readonly name: string;
  /** Callbacks run in this order, lowest first; 0 where left out. */
  readonly order?: number;
  /** Whether the events of batches come during validation too; true where left out. */
  readonly runValid?: boolean;
  /** Called after a fit whatever happened in it, errors included. */
  cleanup?(learn: LearnerView): void;
  /** What it keeps across batches, for a checkpoint. */
  state?(): CallbackState;
  /** Goes on from a `state`: `before_fit`, `before_epoch` and `before_train` have been called anew. */
  restore?(state: CallbackState): void;
} & Partial<Record<Event, (learn: LearnerView) => void>>;

/** fastai's `Cancel…Exception`s: control flow, not errors. Each ends the part of the loop that it names. */
export class CancelSignal extends Error {
  constructor(readonly part: 'fit' | 'epoch' | 'train' | 'validate' | 'batch') {
    super(`cancelled: ${part}`);
  }
}

/** To be thrown: ends the fit. */
export const cancelFit = (): CancelSignal => new CancelSignal('fit');
/** To be thrown: ends the epoch; the next one follows. */
export const cancelEpoch = (): CancelSignal => new CancelSignal('epoch');
/** To be thrown: ends the epoch's training; its validation follows. */
export const cancelTrain = (): CancelSignal => new CancelSignal('train');
/** To be thrown: ends the epoch's validation. */
export const cancelValidate = (): CancelSignal => new CancelSignal('validate');
/** To be thrown: skips the batch. */
export const cancelBatch = (): CancelSignal => new CancelSignal('batch');

/** All signals by name, as a custom callback gets them: it needs no import. */
export const signals = { cancelFit, cancelEpoch, cancelTrain, cancelValidate, cancelBatch } as const;
