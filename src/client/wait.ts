/** Waiting that can be given up. */

const firstMs = 200;
const mostMs = 10_000;

/** @throws the signal's reason, as soon as it is aborted */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(reasonOf(signal));
      return;
    }
    const timer = setTimeout(done, ms);
    function done(): void {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    function abort(): void {
      clearTimeout(timer);
      reject(reasonOf(signal));
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Milliseconds to wait after so many failures: twice as long each time, with some chance, so that not all come back at once. */
export const backoff = (failures: number): number =>
  Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);

/** Why a signal was aborted, as what is thrown. */
export const reasonOf = (signal: AbortSignal | null | undefined): Error => asError(signal?.reason);

/** Anything that was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
