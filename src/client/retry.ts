/** Requests that are sent again where that is safe. */
import { secondsToWait } from './errors.js';
import { backoff, pause } from './wait.js';

/** `fetch` as openapi-fetch calls it. */
export type Fetch = (request: Request) => Promise<Response>;

const mostTries = 4;
// Who is asked to wait for longer is told so instead.
const mostSecondsToWait = 30;
const busy = [429, 502, 503, 504];

/** The same request twice does what it does once: reading, and what has an Idempotency-Key. */
const repeatable = ({ method, headers }: Request): boolean =>
  method === 'GET' || method === 'HEAD' || headers.has('idempotency-key');

/** A `fetch` that tries again, a few times, what is repeatable, where the server is busy or the network fails. */
export const retrying =
  (fetch: Fetch): Fetch =>
  async (request) => {
    if (!repeatable(request)) return fetch(request);
    for (let tries = 1; ; tries++) {
      try {
        const response = await fetch(tries < mostTries ? request.clone() : request);
        const seconds = secondsToWait(response) ?? 0;
        if (!busy.includes(response.status) || tries === mostTries || seconds > mostSecondsToWait) return response;
        // A body that nobody reads would hold its connection.
        await response.body?.cancel();
        await pause(Math.max(seconds * 1000, backoff(tries)), request.signal);
      } catch (error) {
        if (tries === mostTries || request.signal.aborted) throw error;
        await pause(backoff(tries), request.signal);
      }
    }
  };
