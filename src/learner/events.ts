import type { Learner } from './learner.js';

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
export type Event = (typeof events)[number];

/** Values that a checkpoint can hold as JSON. */
export type CallbackState = Record<string, unknown>;

/**
 * Something that acts on training between its steps: fastai's Callback. A callback changes the loop by setting the Learner's hypers and
 * step options, and by throwing one of the `Cancel…` signals.
 */
export type Callback = {
  readonly name: string;
  /** Callbacks run in this order, lowest first; 0 where left out. */
  readonly order?: number;
  /** Whether the events of batches come during validation too; true where left out. */
  readonly runValid?: boolean;
  /** Called after a fit whatever happened in it, errors included. */
  cleanup?(learn: Learner): void;
  /** What it keeps across batches, for a checkpoint. */
  state?(): CallbackState;
  restore?(state: CallbackState): void;
} & Partial<Record<Event, (learn: Learner) => void>>;

/** fastai's signals: control flow, not errors. Each ends the part of the loop that it names. */
export class CancelSignal extends Error {
  constructor(readonly part: 'fit' | 'epoch' | 'train' | 'validate' | 'batch') {
    super(`cancelled: ${part}`);
  }
}
export const cancelFit = (): CancelSignal => new CancelSignal('fit');
export const cancelEpoch = (): CancelSignal => new CancelSignal('epoch');
export const cancelTrain = (): CancelSignal => new CancelSignal('train');
export const cancelValidate = (): CancelSignal => new CancelSignal('validate');
export const cancelBatch = (): CancelSignal => new CancelSignal('batch');
