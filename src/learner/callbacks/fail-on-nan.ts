import { OnecycleError } from '../../errors.js';
import type { Callback } from '../events.js';
import type { LearnerView } from '../view.js';

/**
 * Fails the fit at the first training loss that is not finite: what follows would be noise, and a service's user waits
 * for it. A job has it unless it is a finder's or one of its callbacks `handlesNaN`. Throws OnecycleError `diverged`.
 */
export class FailOnNaN implements Callback {
  readonly name = 'fail_on_nan';
  /** After the Recorder: the batch is in the log. */
  readonly order = 51;
  readonly runValid = false;

  after_batch({ loss, iterationsDone }: LearnerView): void {
    if (Number.isFinite(loss)) return;
    throw new OnecycleError(
      'diverged',
      `The loss of iteration ${iterationsDone - 1} is ${loss}. A lower learning rate may help`,
    );
  }
}
