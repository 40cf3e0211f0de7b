/** Subscribers of a job in a process of their own, and how long its batches took to reach them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Service } from './service.js';
import { quantile } from './numbers.js';
import type { Received } from './subscriber.js';

const program = fileURLToPath(new URL('subscriber.js', import.meta.url));

/** What subscribers got of a job. */
export interface Delivery {
  subscribers: number;
  /** Frames of the job's log. */
  frames: number;
  /** Whether each of them got every frame once and in order, and a normal close after the last. */
  complete: boolean;
  /** Messages that came a second while all were connected. */
  messages_per_second: number;
  /** From the end of a frame's first batch to each subscriber, over that time. */
  latency_ms: { median: number; p99: number; max: number };
}

/** Subscribers that are connected. */
export class Subscribers {
  private constructor(
    private readonly child: ChildProcess,
    private readonly count: number,
    private readonly openMs: number,
    private readonly received: Promise<Received>,
  ) {}

  /** Connects them all. */
  static async open({ url }: Service, job: string, count: number): Promise<Subscribers> {
    const stream = `${url.replace('http', 'ws')}/jobs/${job}/stream`;
    const child = fork(program, [stream, String(count)], { serialization: 'advanced' });
    await once(child, 'message');
    const received = once(child, 'message').then(([message]) => message as Received);
    return new Subscribers(child, count, Date.now(), received);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for the job's end. `stamps`: when each batch was done, by iteration, in milliseconds since 1970. */
  async ended(stamps: () => Map<number, number>): Promise<Delivery> {
    const { clients, seqs, arrivedMs, iterations } = await this.received;
    const doneMs = stamps();
    const frames = seqs.reduce((most, seq) => Math.max(most, seq), -1) + 1;
    const latencies: number[] = [];
    let lastMs = this.openMs;
    for (const [i, seq] of seqs.entries()) {
      const done = doneMs.get(iterations.get(seq)?.[0] ?? -1);
      if (done === undefined || done < this.openMs) continue; // what was stored before all were there
      latencies.push(arrivedMs[i] - done);
      lastMs = arrivedMs[i];
    }
    latencies.sort((a, b) => a - b);
    return {
      subscribers: this.count,
      frames,
      complete: clients.every((client) => client.whole && client.frames === frames && client.code === 1000),
      messages_per_second: latencies.length / ((lastMs - this.openMs) / 1000),
      latency_ms: {
        median: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        max: latencies.at(-1) ?? NaN,
      },
    };
  }
}
