/** What is refused to a tenant that has enough. */
import { OnecycleError } from '../errors.js';

/** The error for a file that is too much for what a tenant may store. */
export const storageFull = (tenant: string): OnecycleError =>
  new OnecycleError(
    'storage_full',
    `With this file the tenant ${tenant} would store more than it may. Delete data sets or models first.`,
  );
