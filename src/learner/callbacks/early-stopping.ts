import { cancelFit } from '../events.js';
import { defineCallback } from './callback.js';
import { patientArguments, PatientTracker } from './tracker.js';

/** fastai's EarlyStoppingCallback: ends the fit after `patience` epochs without an improvement. */
export class EarlyStopping extends PatientTracker {
  readonly name = 'early_stopping';
  readonly order = 63;

  protected override afterPatience(): never {
    throw cancelFit();
  }
}

/** `early_stopping`, as a request names it. */
export const earlyStopping = defineCallback({
  name: 'early_stopping',
  description: "Ends the fit after `patience` epochs in a row without an improvement (fastai's EarlyStoppingCallback)",
  arguments: patientArguments,
  create: (args) => ({ callback: new EarlyStopping(args) }),
});
