/** The spans of one attempt: the time in the queue before it, itself, and each phase that it trains. */
import { tracing, type Carrier, type Span } from '../telemetry/index.js';
import type { JobError, JobRecord } from './record.js';

/** What became of an attempt: how it went, or why it ended before that. */
export type AttemptStatus = 'completed' | 'failed' | 'crashed' | 'cancelled' | 'paused' | 'handed_back' | 'lost';

/** Made when an attempt begins. A trainer knows nothing of it: what it says is heard by its worker. */
export class AttemptTrace {
  readonly #span: Span;
  #ended = false;
  #phase: { index: number; span: Span } | null = null;
  /** When a phase was last heard of: the next one begins there. */
  #heard = Date.now();

  /**
   * @param request the span of the request that posted the job
   * @param waitedMs how long it was in the queue; null: it comes out of another attempt
   */
  constructor(record: JobRecord, attempt: number, device: string, request: Carrier, waitedMs: number | null) {
    const attributes = { 'onecycle.job.id': record.id, 'onecycle.job.attempt': attempt, 'onecycle.device': device };
    const now = Date.now();
    if (waitedMs !== null)
      // By this machine's clock, whatever those of others say.
      tracing()
        .start('job queued', { parent: request, at: now - waitedMs, attributes })
        .end(now);
    const { policy } = record.spec;
    this.#span = tracing().start('job attempt', {
      kind: 'consumer',
      parent: request,
      at: now,
      attributes: { ...attributes, 'onecycle.job.type': record.type, 'onecycle.policy': policy.name },
    });
  }

  /** Runs the attempt: lines of the log have its ids. */
  within<T>(run: () => T): T {
    return tracing().within(this.#span, run);
  }

  /** The trainer has loaded what it needs, and begins, or goes on, in a phase. */
  begin(phase: number, engine: string): void {
    this.#heard = Date.now();
    this.#span.set({ 'onecycle.engine': engine });
    this.hear(phase);
  }

  /** A phase is heard of. */
  hear(phase: number): void {
    if (this.#phase?.index !== phase) {
      this.#phase?.span.end(this.#heard);
      const options = { parent: this.#span, at: this.#heard, attributes: { 'onecycle.phase': phase } };
      this.#phase = { index: phase, span: tracing().start('job phase', options) };
    }
    this.#heard = Date.now();
  }

  /** The attempt is over; only the first word counts. */
  end(status: AttemptStatus, error?: JobError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error) for (const span of [this.#phase?.span, this.#span]) span?.fail(error.code, error.message);
    this.#phase?.span.end();
    this.#span.set({ 'onecycle.job.status': status });
    this.#span.end();
  }
}
