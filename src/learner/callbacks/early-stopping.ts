import { cancelFit } from '../events.js';
import { PatientTracker } from './tracker.js';

/** fastai's EarlyStoppingCallback: ends the fit after `patience` epochs without an improvement. */
export class EarlyStopping extends PatientTracker {
  readonly name = 'early_stopping';
  readonly order = 63;

  protected override afterPatience(): never {
    throw cancelFit();
  }
}
