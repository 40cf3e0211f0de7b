import type { Cell } from '../numbers/thin.js';

/** What was recorded of a training, as columns: one value per iteration, one entry per epoch. */
export interface Curves {
  iteration: readonly number[];
  epoch: readonly number[];
  raw_loss: readonly Cell[];
  /** Smoothed. */
  loss: readonly Cell[];
  /** By name: one row per parameter group. */
  hypers: Readonly<Record<string, readonly (readonly Cell[])[]>>;
  epochs: readonly { epoch: number; valid_loss: Cell }[];
}
