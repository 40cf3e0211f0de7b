import { setTimeout as sleep } from 'node:timers/promises';

/** Tries in a row that bring nothing new, before it is given up; and the pause after the first, doubled each time. */
const maxTries = 5;
const firstPauseMs = 250;

/** An answer that further tries would not change. */
export class FinalError extends Error {}

/** The error for an answer that is no success: final, or one that the next try may not meet. */
export function answered(status: number, message: string): Error {
  const mayPass = [408, 425, 429].includes(status) || status >= 500; // a server that is slow, busy or in trouble
  return mayPass ? new Error(message) : new FinalError(message);
}

/**
 * Tries until it works. What brings something new has all its tries anew.
 * @param done a number that grows as something arrives
 * @throws what the last try threw, or at once a FinalError
 */
export async function retry<T>(once: () => Promise<T>, done: () => number, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    const before = done();
    try {
      return await once();
    } catch (error) {
      signal?.throwIfAborted();
      if (done() > before) tries = 1;
      if (error instanceof FinalError || tries >= maxTries) throw error;
      await sleep(firstPauseMs * 2 ** (tries - 1), undefined, { signal });
    }
  }
}
