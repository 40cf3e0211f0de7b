import { OnecycleError } from '../../errors.js';

/** The error for a file that is no model, or none that can be read: `why` goes on after "The file cannot be used: ". */
export const unreadable = (why: string, options?: ErrorOptions): OnecycleError =>
  new OnecycleError('invalid_model', `The file cannot be used: ${why}`, [], options);
