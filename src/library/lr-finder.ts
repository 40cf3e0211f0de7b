import { LRFinder as BaseFinder } from '../learner/index.js';
import { SchedExp } from '../schedule/index.js';
import { wrongArgument } from './naming.js';

/** fastai's arguments of LRFinder. */
export interface LRFinderOptions {
  /** Rate to start from. Default 1e-7. */
  startLr?: number;
  /** Rate to end with. Default 10. */
  endLr?: number;
  /** Iterations, at least 6. Default 100. */
  numIt?: number;
  /** Stop where the smoothed loss is over four times its best. Default true. */
  stopDiv?: boolean;
}

/** fastai's LRFinder as a callback of a fit, which should have epochs enough for `numIt` batches. */
export class LRFinder extends BaseFinder {
  /** @throws OnecycleError `invalid_spec` */
  constructor({ startLr = 1e-7, endLr = 10, numIt = 100, stopDiv = true }: LRFinderOptions = {}) {
    if (!(startLr > 0 && startLr < endLr))
      throw wrongArgument('LRFinder', '/startLr', 'must be above 0 and below endLr');
    if (!Number.isInteger(numIt) || numIt < 1)
      throw wrongArgument('LRFinder', '/numIt', 'must be an integer, at least 1');
    super(SchedExp(startLr, endLr), Math.max(6, numIt), stopDiv);
  }
}
