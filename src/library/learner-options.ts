/** What a Learner of this library is made of. */
import type { LearnerOptions as BaseOptions } from '../learner/index.js';
import type { KeptModel } from '../models/index.js';
import type { Recorder } from './recorder.js';

/** What a Learner is made of, where a script makes the parts itself. */
export interface LearnerOptions extends Omit<BaseOptions, 'recorder'> {
  recorder?: Recorder;
  /** Whether fits draw a progress bar and print a row per epoch, on stderr. Left out: on a terminal. */
  logging?: boolean;
  /** What raw rows go through and outputs mean: `predict` and `export` need it, and `create` knows it. */
  kept?: KeptModel;
  /** A folder that goes with the Learner. */
  scratch?: string;
}
