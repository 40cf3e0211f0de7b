/** Notices a trainer that hangs: it gives no sign any more. */
import { aliveMs } from '../protocol.js';

const tickMs = 250;

/**
 * Calls `onSilence` once, when no sign came for `limitMs` after one was due. It counts its own ticks, not the clock: a
 * worker that was stopped itself, or a machine that slept, has heard no silence.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #silentMs = 0;
  /** Whether it has called. */
  fired = false;

  constructor(limitMs: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      this.#silentMs += tickMs;
      if (this.#silentMs < limitMs + aliveMs) return;
      this.stop();
      this.fired = true;
      onSilence();
    }, tickMs);
  }

  /** There was a sign. */
  heard(): void {
    this.#silentMs = 0;
  }

  /** It watches no more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
