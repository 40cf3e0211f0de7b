import { type Callback, cancelFit } from '../events.js';
import type { Learner } from '../learner.js';

/** fastai's TerminateOnNaNCallback: ends the fit, before anything records it, at the first loss that is not finite. */
export class TerminateOnNaN implements Callback {
  readonly name = 'terminate_on_nan';
  readonly order = -9;
  readonly runValid = false;

  after_batch({ loss }: Learner): void {
    if (!Number.isFinite(loss)) throw cancelFit();
  }
}
