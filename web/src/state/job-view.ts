/**
 * One job as its page shows it. Up to `limit` iterations all of its curve is on the page, by the stream of its frames;
 * beyond, a thinned one, and what a zoom shows is read from the service in full.
 */
import { effect, signal } from '@preact/signals';
import { isTerminal, type Checkpoint, type Job, type JobRecord, type Metrics } from '../../../src/client/index.js';
import type { Range } from '../charts/line.js';
import { client } from './client.js';
import { reportConnection } from './connection.js';
import { Curves } from './curves.js';
import { isUnreachable } from './problem.js';
import { spliced } from './splice.js';

/** Iterations that are on the page in full unless the address says otherwise. */
export const defaultLimit = 150_000;

/** At most so many iterations are read at once where they are thinned. */
const points = 6000;
/** A long curve is shown thinned until all of it has come. */
const longCurve = 10_000;
const firstPoints = 1500;
const settledMs = 150;
const rereadMs = 4000;

/** Follows a job until it is stopped. */
export class JobView {
  readonly record = signal<JobRecord | null>(null);
  readonly checkpoints = signal<readonly Checkpoint[]>([]);
  readonly error = signal<unknown>(null);
  readonly curves = signal(new Curves());
  /** Another number whenever the curves are to be drawn again. */
  readonly revision = signal(0);
  /** Whether all iterations are on the page, so that they can be smoothed. */
  readonly complete = signal(false);
  #job: Job | null = null;
  #whole: Metrics | null = null;
  #frame = 0;
  readonly #gone = new AbortController();

  constructor(
    readonly id: string,
    readonly limit: number,
    readonly range: { readonly value: Range | null },
  ) {}

  async start(): Promise<void> {
    try {
      this.#job = await client.jobs.get(this.id);
      this.record.value = this.#job.record;
      await Promise.all([this.#readCheckpoints(), this.#long ? this.#readThinned() : this.#stream()]);
    } catch (error) {
      if (!this.#gone.signal.aborted) this.error.value = error;
    }
  }

  stop(): void {
    this.#gone.abort();
    cancelAnimationFrame(this.#frame);
    reportConnection('frames', true);
  }

  /** Reads the record anew. */
  async refresh(): Promise<void> {
    if (this.#job === null || this.#stopped()) return;
    try {
      const record = await this.#job.refresh(this.#gone.signal);
      const before = this.record.peek();
      this.record.value = record;
      if (before?.status !== record.status || before.progress.epoch !== record.progress.epoch)
        await this.#readCheckpoints();
    } catch (error) {
      // The stream and the header say that the service does not answer.
      if (!this.#stopped() && !isUnreachable(error)) this.error.value = error;
    }
  }

  #stopped(): boolean {
    return this.#gone.signal.aborted;
  }

  get #long(): boolean {
    const { progress } = this.record.peek() ?? {};
    return Math.max(progress?.iteration ?? 0, progress?.n_iteration ?? 0) > this.limit;
  }

  async #readCheckpoints(): Promise<void> {
    this.checkpoints.value = (await this.#job?.checkpoints()) ?? [];
  }

  /** All frames from the first one on. What is there already is shown thinned till then. */
  async #stream(): Promise<void> {
    const job = this.#job;
    if (job === null) return;
    const { signal } = this.#gone;
    const curves = new Curves();
    const known = job.record.progress.iteration;
    if (known > longCurve) void this.#showFirst(job);
    const onState = (state: string): void => reportConnection('frames', state === 'connected');
    for await (const frame of job.stream({ signal, onState })) {
      const changed = curves.add(frame);
      if (frame.type !== 'batches') void this.refresh();
      // An attempt may have started again before what was known.
      const caughtUp = curves.iteration.length >= known || frame.type === 'status' || curves.restarts.length > 0;
      if (caughtUp && this.curves.peek() !== curves) {
        this.curves.value = curves;
        this.complete.value = true;
      }
      if (changed) this.#draw();
    }
    await this.refresh();
  }

  /** The curve thinned, where it comes before all of it. */
  async #showFirst(job: Job): Promise<void> {
    try {
      const curves = Curves.of(await job.metrics({ points: firstPoints }));
      if (!this.complete.peek()) this.curves.value = curves;
    } catch {
      // The whole of it is on its way.
    }
  }

  /** The curve thinned, again and again while it grows; and what is zoomed to in full. */
  async #readThinned(): Promise<void> {
    const { signal } = this.#gone;
    let settling: ReturnType<typeof setTimeout> | undefined;
    const dispose = effect(() => {
      const range = this.range.value;
      clearTimeout(settling);
      settling = setTimeout(() => void this.#readPart(range), this.#whole === null ? 0 : settledMs);
    });
    signal.addEventListener('abort', () => {
      dispose();
      clearTimeout(settling);
    });
    for (;;) {
      const answered = await this.#readWhole();
      await this.refresh();
      if (signal.aborted || (answered && isTerminal(this.record.peek()?.status ?? 'failed'))) return;
      await new Promise((resolve) => setTimeout(resolve, rereadMs));
    }
  }

  /** Whether the service answered. */
  async #readWhole(): Promise<boolean> {
    try {
      this.#whole = (await this.#job?.metrics({ points })) ?? null;
      await this.#readPart(this.range.value);
      return true;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      return false;
    }
  }

  async #readPart(range: Range | null): Promise<void> {
    if (this.#whole === null || this.#job === null) return;
    try {
      const part = range && (await this.#job.metrics({ ...withMargin(range), points }));
      if (this.#gone.signal.aborted || this.range.value !== range) return;
      this.curves.value = Curves.of(part ? spliced(this.#whole, part) : this.#whole);
      this.#draw();
    } catch (error) {
      if (!isUnreachable(error)) this.error.value = error;
    }
  }

  #draw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.revision.value++;
    });
  }
}

/** Half as much on either side, so that a small move shows no other curve. */
function withMargin([from, to]: Range): { from: number; to: number } {
  const margin = (to - from) / 2;
  return { from: Math.max(0, Math.floor(from - margin)), to: Math.max(0, Math.ceil(to + margin)) };
}
