/** What a full disk says, as one error of ours. */
import { OnecycleError } from '../errors.js';

/** The disk is full, its user's share of it is used up, or a file is as large as this process may make one. */
const codes = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The error itself, or `disk_full` where it says that there is no room. */
export function asDiskFull(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && codes.includes(String(error.code)))) return error;
  return new OnecycleError('disk_full', `The disk of the data folder is full: ${error.message}.`, [], { cause: error });
}
