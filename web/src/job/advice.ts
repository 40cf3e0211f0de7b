/** What to do about a job that failed, by the code of its error. */

import { own } from '../state/own.js';

const advice: Readonly<Record<string, string | undefined>> = {
  diverged:
    'The learning rate is probably too high. Run a learning-rate finder, or divide the rate by three; gradient clipping and a longer warm-up (pct_start) also help.',
  no_suggestion:
    'The finder’s curve shows why. Widen the range from start_lr to end_lr, raise num_it, or pick a rate on the curve yourself.',
  finder_failed: 'See the finder’s page for its error, or set a rate instead of {"lr_find": …}.',
  out_of_memory: 'Use a smaller batch_size, a smaller model, smaller pictures, or a device with more memory.',
  trainer_crashed:
    'Retry continues from the last checkpoint. If it crashes at the same iteration again, check the service’s log.',
  stalled: 'Retry continues from the last checkpoint. If a single step really takes that long, raise stall_seconds.',
  timeout: 'Continue from the last checkpoint in a new job with a higher timeout_seconds.',
  bad_data: 'Fix the data set where the message says, upload it again, and start the job with the new one.',
  unsupported_by_engine: 'Use the native engine (onecycle engine install) or a different layer.',
  invalid_spec: 'Change the fields below; each message says what is allowed.',
};

/** Undefined where there is nothing to say beyond the message. */
export const adviceFor = (code: string): string | undefined => own(advice, code);
