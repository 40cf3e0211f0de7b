import { OnecycleError } from '../../src/errors.js';
import { asDiskFull } from '../../src/storage/index.js';
import type { JobError } from '../protocol.js';

/** Why an attempt failed, as its job's record says it; `position` is where, if it had begun to train. */
export function jobError(error: unknown, position: Pick<JobError, 'phase' | 'epoch' | 'iteration'>): JobError {
  const known = asOutOfMemory(error) ?? asDiskFull(error);
  if (!(known instanceof OnecycleError))
    return { code: 'internal', message: error instanceof Error ? error.message : String(error), ...position };
  const { code, message, problems } = known;
  return { code, message, ...(problems.length > 0 && { problems: [...problems] }), ...position };
}

/** TensorFlow, or WebAssembly's memory, says so when an allocation fails; the process lives on. */
function asOutOfMemory(error: unknown): OnecycleError | null {
  const text = String(error);
  return outOfMemory.test(text) ? new OnecycleError('out_of_memory', text) : null;
}

const outOfMemory =
  /OOM when allocating|RESOURCE_EXHAUSTED|Array buffer allocation failed|could not allocate memory|Cannot enlarge memory|Aborted\(OOM\)/i;
