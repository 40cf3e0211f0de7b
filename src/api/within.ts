/** What a promise settles to, or null where it has not within so many milliseconds, or until the signal is aborted. */
export async function within<T>(promise: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> {
  let give: () => void = () => undefined;
  const late = new Promise<null>((resolve) => (give = () => resolve(null)));
  const timer = setTimeout(give, ms);
  signal?.addEventListener('abort', give);
  if (signal?.aborted) give();
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', give);
  }
}
