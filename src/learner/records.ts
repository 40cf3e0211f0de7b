/** What the Recorder writes down as a fit goes on. Field names are those of a job's log. */

/** One training batch. */
export interface BatchRecord {
  phase: number;
  /** Of all fits of the Learner, from 0, as is `iteration`. */
  epoch: number;
  iteration: number;
  /** The batch's mean loss, before its step. */
  raw_loss: number;
  /** fastai's smoothed loss. */
  loss: number;
  /** By name, one value per parameter group: what the step was made with. */
  hypers: Record<string, number[]>;
}

/** One epoch: training, and validation where there is any. */
export interface EpochRecord {
  phase: number;
  epoch: number;
  /** The smoothed loss at the epoch's end. */
  train_loss: number;
  /** Mean over the validation rows; null without validation. */
  valid_loss: number | null;
  /** By name, over the validation rows; empty without validation. */
  metrics: Record<string, number>;
  /** By true class, then by predicted class: validation rows. Only where the metric is asked for. */
  confusion_matrix?: number[][];
  /** How long it took, validation included. */
  seconds: number;
}
