import { type Callback, cancelFit } from '../events.js';

/** Ends the fit, before its next batch, once a signal says so. */
export class Cancel implements Callback {
  readonly name = 'cancel';
  readonly order = 900;

  constructor(private readonly signal: AbortSignal) {}

  before_batch(): void {
    if (this.signal.aborted) throw cancelFit();
  }
}
