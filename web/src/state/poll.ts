/** Asks again and again while the page is seen; goes slower while the service does not answer. */
import { useEffect, useRef } from 'preact/hooks';
import { reportConnection } from './connection.js';
import { isUnreachable } from './problem.js';

const slowestMs = 10_000;

interface PollOptions {
  everyMs: number;
  failed: (error: unknown) => void;
  answered?: () => void;
  inputs: readonly unknown[];
}

/**
 * Calls `ask` now, and `everyMs` after each answer. An error that is not the network's goes to `failed`, and the next
 * call comes all the same. `inputs`: when one of them changes, it asks at once.
 */
export function usePoll(
  name: string,
  ask: (signal: AbortSignal) => Promise<unknown>,
  { everyMs, failed, answered, inputs }: PollOptions,
): void {
  const latest = useRef({ ask, failed, answered });
  latest.current = { ask, failed, answered };
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const round = async (): Promise<void> => {
      clearTimeout(timer);
      timer = undefined;
      if (!document.hidden) failures = (await attempt(name, latest.current, gone.signal)) ? 0 : failures + 1;
      if (!gone.signal.aborted)
        timer = setTimeout(() => void round(), Math.min(slowestMs, everyMs * 2 ** Math.min(failures, 3)));
    };
    // While it asks there is no timer, and the next round comes by itself.
    const seen = (): void => {
      if (timer !== undefined && !document.hidden) void round();
    };
    document.addEventListener('visibilitychange', seen);
    void round();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      reportConnection(name, true);
    };
  }, inputs);
}

interface Asked {
  ask: (signal: AbortSignal) => Promise<unknown>;
  failed: (error: unknown) => void;
  answered: (() => void) | undefined;
}

/** Whether the service answered. */
async function attempt(name: string, { ask, failed, answered }: Asked, signal: AbortSignal): Promise<boolean> {
  try {
    await ask(signal);
    if (!signal.aborted) answered?.();
    reportConnection(name, true);
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    const unreachable = isUnreachable(error);
    reportConnection(name, !unreachable);
    if (!unreachable) failed(error);
    return !unreachable;
  }
}
