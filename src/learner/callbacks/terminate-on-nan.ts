import { type Callback, cancelFit } from '../events.js';
import type { LearnerView } from '../view.js';
import { defineCallback } from './callback.js';

/** fastai's TerminateOnNaNCallback: ends the fit, before anything records it, at the first loss that is not finite. */
export class TerminateOnNaN implements Callback {
  readonly name = 'terminate_on_nan';
  readonly order = -9;
  readonly runValid = false;

  after_batch({ loss }: LearnerView): void {
    if (!Number.isFinite(loss)) throw cancelFit();
  }
}

/** `terminate_on_nan`, as a request names it. */
export const terminateOnNaN = defineCallback({
  name: 'terminate_on_nan',
  description:
    'Ends the fit at the first training loss that is not finite: the job is `completed` ' +
    "(fastai's TerminateOnNaNCallback). Without it such a job is `failed` with `diverged`",
  arguments: {},
  handlesNaN: true,
  create: () => ({ callback: new TerminateOnNaN() }),
});
