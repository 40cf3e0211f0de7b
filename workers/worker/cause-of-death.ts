import type { JobError } from '../protocol.js';

/** What is known of a trainer that ended without a last word. */
export interface Death {
  /** `signal SIGKILL`, `exit code 1`. */
  how: string;
  /** The end of its stderr. */
  lastWords: string;
  /** It was killed because it gave no sign for so many seconds; null where it was not. */
  stalledSeconds: number | null;
  /** SIGKILL that was not ours, and the kernel has killed for want of memory meanwhile. */
  killedForMemory: boolean;
}

/** Why a trainer died, as the error of its attempt. */
export function causeOfDeath({ how, lastWords, stalledSeconds, killedForMemory }: Death): JobError {
  if (stalledSeconds !== null)
    return { code: 'stalled', message: `The trainer did not respond for ${stalledSeconds} s and was killed.` };
  if (killedForMemory)
    return {
      code: 'out_of_memory',
      message: `The kernel killed the trainer because the memory of its cgroup was full: ${how}.`,
    };
  const code = /heap out of memory|bad_alloc|OOM when allocating/i.test(lastWords)
    ? 'out_of_memory'
    : 'trainer_crashed';
  return { code, message: `The trainer ended unexpectedly: ${how}.` };
}
