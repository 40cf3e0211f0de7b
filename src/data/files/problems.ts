/** What is wrong with a file, as the one who sent it hears it. */
import { OnecycleError } from '../../errors.js';

/** The error for a file that cannot be used. `pointer` says where in it: `/rows/17/age`, `/entries/cats~11.jpg`. */
export const invalidFile = (pointer: string, detail: string, cause?: unknown): OnecycleError =>
  new OnecycleError('invalid_dataset', detail, [{ pointer, detail }], { cause });

/** What went wrong, in words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
