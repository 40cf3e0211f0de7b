/** Aborts at the first SIGINT or SIGTERM, or by `abort`. Later ones change nothing: the end is under way, and takes at most 10 s. */
export function stopSignal(abort = new AbortController()): AbortSignal {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  return abort.signal;
}

/** Settles when `signal` aborts. */
export const whenStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
