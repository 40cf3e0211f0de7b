import { OnecycleError } from '../../errors.js';
import type { Callback } from '../events.js';
import type { Learner } from '../learner.js';

/** Fails the fit with `diverged` at the first training loss that is not finite: what follows would be noise, and a service's user waits for it. */
export class FailOnNaN implements Callback {
  readonly name = 'fail_on_nan';
  /** After the Recorder: the batch is in the log. */
  readonly order = 51;
  readonly runValid = false;

  after_batch({ loss, iterationsDone }: Learner): void {
    if (Number.isFinite(loss)) return;
    throw new OnecycleError(
      'diverged',
      `The loss of iteration ${iterationsDone - 1} is ${loss}. A lower learning rate may help`,
    );
  }
}
