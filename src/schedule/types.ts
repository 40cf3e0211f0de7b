/** What schedules and plans are, beside their JSON. */
import type { HyperName } from '../schema/hypers.js';

/** A number, or one number per parameter group. */
export type Value = number | readonly number[];

/** A function from a position in [0, 1] to a value: fastai's scheduler. */
export type Schedule<V extends Value = number> = (position: number) => V;

/** What one phase of a run does to the hypers: a policy's arguments, turned into numbers and functions. */
export interface PhasePlan {
  /** Epochs of this phase, skipped ones included. */
  n_epoch: number;
  /** Epochs before this one are skipped (fastai's `start_epoch`). */
  start_epoch: number;
  /** Parameter groups before this index are frozen; null leaves the freezing as it is. */
  frozen_to: number | null;
  /** A fresh optimizer first: no state, its own hypers. */
  reset_opt: boolean;
  /** Hypers that are set once, before the first batch, one value per group. */
  set: Partial<Record<HyperName, number[]>>;
  /** Hypers that a schedule drives, one function per group. */
  schedules: Partial<Record<HyperName, Schedule[]>>;
  /** The position of iteration i of the phase is i / n_position; i counts the iterations of skipped epochs too. */
  n_position: number;
  /** Iterations that this phase will train, if nothing stops it before. */
  n_iteration: number;
  /** Set for the learning-rate finder: it stops by itself, skips validation, and leaves no mark. */
  lr_find?: { num_it: number; stop_div: boolean };
}
