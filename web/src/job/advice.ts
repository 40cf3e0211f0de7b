/** What to do about a job that failed, by the code of its error. */

const advice: Readonly<Record<string, string | undefined>> = {
  diverged:
    'The learning rate is most likely too high. Run a finder, or take a third of the rate; gradient clipping and a longer warm-up (pct_start) help too.',
  no_suggestion:
    'The finder’s curve shows why: widen start_lr and end_lr, raise num_it, or choose a rate on the curve by hand.',
  finder_failed: 'Look at the finder’s own page for its error, or give a rate instead of {"lr_find": …}.',
  out_of_memory: 'Take a smaller batch_size, a smaller model or smaller pictures, or a device with more memory.',
  trainer_crashed:
    'Retry goes on from the last checkpoint. If it happens at the same place again, look into the service’s log.',
  stalled: 'Retry goes on from the last checkpoint. Where single steps really take that long, raise stall_seconds.',
  timeout: 'Raise timeout_seconds and retry: it goes on from the last checkpoint.',
  bad_data: 'Correct the data set where the message says, upload it again, and post the job with the new one.',
  unsupported_by_engine: 'Use the native engine (onecycle engine install), or another layer.',
  invalid_spec: 'Change the fields below: the message says what would be right.',
};

/** Undefined where there is nothing to say beyond the message. */
export const adviceFor = (code: string): string | undefined => advice[code];
