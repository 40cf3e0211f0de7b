/** What one API process measures of itself. Its service's figures are in Redis: jobs/figures.ts. */
import type { StoredFrame } from '../../jobs/index.js';
import { Counts, Tally } from './tally.js';

/** How frames get to a client. */
export type Transport = 'websocket' | 'events';

const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counters and distributions of a process, from its start. */
export class Meters {
  readonly subscribers = new Counts<Transport>('websocket', 'events');
  readonly framesSent = new Counts<Transport>('websocket', 'events');
  /** Seconds from a frame's arrival in this process until it is passed on. */
  readonly lag = new Tally<{ transport: Transport }>(fast);
  readonly redis = new Tally<Record<string, string>>(fast);
  readonly redisFailures = new Counts<'all'>('all');
  readonly storage = new Tally<{ operation: string }>([...fast, 10, 30]);
  readonly http = new Tally<{ method: string; route: string; status: string }>([...fast, 10, 30]);

  /** Frames on their way to a client, counted as they pass. */
  async *follow(transport: Transport, frames: AsyncIterable<StoredFrame>): AsyncGenerator<StoredFrame> {
    this.subscribers.add(transport);
    try {
      for await (const frame of frames) {
        this.framesSent.add(transport);
        if (frame.arrivedMs !== undefined) this.lag.hear({ transport }, (performance.now() - frame.arrivedMs) / 1000);
        yield frame;
      }
    } finally {
      this.subscribers.add(transport, -1);
    }
  }

  /** A command to Redis that took so long. */
  command(seconds: number, answered: boolean): void {
    this.redis.hear({}, seconds);
    if (!answered) this.redisFailures.add('all');
  }
}
