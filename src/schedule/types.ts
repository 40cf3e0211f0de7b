/** A number, or one number a parameter group. */
export type Value = number | readonly number[];

/** A function from a position in [0, 1] to a value: fastai's scheduler. */
export type Schedule<V extends Value = number> = (position: number) => V;

/** The hyperparameters that a schedule may drive; an optimizer has those it knows. */
export const hyperNames = ['lr', 'mom', 'sqr_mom', 'eps', 'wd'] as const;
export type HyperName = (typeof hyperNames)[number];

export const suggestionNames = ['valley', 'slide', 'minimum', 'steep', 'lr_min', 'lr_steep'] as const;
export type SuggestionName = (typeof suggestionNames)[number];

/** fastai's learning rate: a number, a slice, or a list with one a parameter group. */
export type LearningRate = number | { start?: number; stop: number } | number[];

/** A learning rate that a finder, which runs first, will suggest. */
export interface FromLrFind {
  lr_find: { suggestion: SuggestionName } & Partial<LrFindArguments>;
}

export interface LrFindArguments {
  start_lr: number | number[];
  end_lr: number | number[];
  num_it: number;
  stop_div: boolean;
  suggest_funcs: SuggestionName[];
}

/** A schedule of one's own in JSON: an annealer, a `combine`, or a `combined_cos`, nested as one likes. */
export type ScheduleSpec =
  | { fn: 'sched_lin' | 'sched_cos' | 'sched_exp'; start: number | number[]; end: number | number[] }
  | { fn: 'sched_no'; start: number | number[]; end?: number | number[] }
  | { fn: 'sched_poly'; start: number | number[]; end: number | number[]; power: number }
  | { fn: 'combined_cos'; pct: number; start: number | number[]; middle: number | number[]; end: number | number[] }
  | { combine: CombinePart[] };

/** A part of a `combine`: its share, and its schedule beside it or, as a `combined_cos` with a `pct` of its own must be, within. */
export type CombinePart = ({ pct: number } & ScheduleSpec) | { pct: number; schedule: ScheduleSpec };

interface FitArguments {
  wd?: number | number[];
  reset_opt?: boolean;
  start_epoch?: number;
}

type Rate = LearningRate | FromLrFind;

/** A policy with its arguments; those left out take fastai's defaults when the policy is planned. */
export type PolicySpec =
  | ({
      name: 'fit';
      n_epoch: number;
      lr?: Rate;
      schedules?: Partial<Record<HyperName, ScheduleSpec | ScheduleSpec[]>>;
    } & FitArguments)
  | ({
      name: 'fit_one_cycle';
      n_epoch: number;
      lr_max?: Rate;
      div?: number;
      div_final?: number;
      pct_start?: number;
      moms?: [number, number, number];
    } & FitArguments)
  | ({ name: 'fit_flat_cos'; n_epoch: number; lr?: Rate; div_final?: number; pct_start?: number } & FitArguments)
  | ({ name: 'fit_sgdr'; n_cycles: number; cycle_len: number; lr_max?: Rate; cycle_mult?: number } & FitArguments)
  | ({
      name: 'fine_tune';
      epochs: number;
      base_lr?: number | FromLrFind;
      freeze_epochs?: number;
      lr_mult?: number;
      pct_start?: number;
      div?: number;
      div_final?: number;
      moms?: [number, number, number];
    } & FitArguments)
  | ({ name: 'lr_find' } & Partial<LrFindArguments>);

export type PolicyName = PolicySpec['name'];

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
  /** Hypers that are set once, before the first batch, one value a group. */
  set: Partial<Record<HyperName, number[]>>;
  /** Hypers that a schedule drives, one function a group. */
  schedules: Partial<Record<HyperName, Schedule[]>>;
  /** The position of iteration i of the phase is i / n_position; i counts the iterations of skipped epochs too. */
  n_position: number;
  /** Iterations that this phase will train, if nothing stops it before. */
  n_iteration: number;
  /** Set for the learning-rate finder: it stops by itself, skips validation, and leaves no mark. */
  lr_find?: { num_it: number; stop_div: boolean };
}
