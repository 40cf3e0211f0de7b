/** How running jobs are, faster than their records are read: one socket for those that are seen. */
import { signal, type Signal } from '@preact/signals';
import { client } from './client.js';
import { reportConnection } from './connection.js';

/** What the stream has said of a job last. */
export interface Live {
  percent?: number;
  estimatedFinish?: string | null;
  loss?: number | null;
  validLoss?: number | null;
  metrics?: Readonly<Record<string, number | null>>;
}

/** Frames with batches a second, of each job: a table is no chart. */
const maxRate = 1;
const mostJobs = 100;

/** Follows a set of jobs that changes; what it has read of one it does not read again. */
export class LiveJobs {
  readonly #jobs = new Map<string, Signal<Live>>();
  readonly #cursors = new Map<string, number>();
  #followed = '';
  #stop = new AbortController();

  /** Calls `changed` when one of the jobs that are followed changes its status. */
  constructor(private readonly changed: () => void) {}

  /** What there is to say of a job. */
  of(id: string): Signal<Live> {
    let live = this.#jobs.get(id);
    if (live === undefined) this.#jobs.set(id, (live = signal({})));
    return live;
  }

  /** Follows these from now on. */
  follow(ids: readonly string[]): void {
    const wanted = [...ids].sort().slice(0, mostJobs);
    if (wanted.join() === this.#followed) return;
    this.#followed = wanted.join();
    this.#stop.abort();
    this.#stop = new AbortController();
    reportConnection('running jobs', true);
    if (wanted.length > 0) void this.#read(wanted, this.#stop.signal);
  }

  stop(): void {
    this.follow([]);
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const from = Object.fromEntries(ids.map((id) => [id, this.#cursors.get(id) ?? 0]));
    const onState = (state: string): void => reportConnection('running jobs', state === 'connected');
    try {
      for await (const frame of client.streams(ids, { from, maxRate, signal, onState })) {
        this.#cursors.set(frame.job, frame.seq + 1);
        const live = this.of(frame.job);
        if (frame.type === 'status') this.changed();
        if (frame.type === 'batches') live.value = { ...live.value, loss: frame.loss.at(-1) ?? null };
        if (frame.type === 'epoch') live.value = { ...live.value, validLoss: frame.valid_loss, metrics: frame.metrics };
        if ('progress' in frame && frame.progress)
          live.value = {
            ...live.value,
            percent: frame.progress.percent,
            estimatedFinish: frame.progress.estimated_finish,
          };
      }
    } catch {
      // A job that was deleted, or a new set: the records say what has become of the jobs.
    }
    if (!signal.aborted) this.#followed = '';
  }
}
