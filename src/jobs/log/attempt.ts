/**
 * A worker's hold on a job: everything an attempt writes goes through it, and is refused once the job is another's or
 * has ended.
 */
import { encodeFields, type RecordFields } from '../redis/fields.js';
import type { TrainerFrame } from '../frames.js';
import { keys, newToken } from '../redis/keys.js';
import type { EngineInfo, JobError, JobRecord, JobResult, PhaseInfo, Progress, Throughput } from '../record.js';
import type { Client } from '../redis/client.js';

/** What a run says of itself before its first batch. */
export interface RunInfo {
  engine: EngineInfo;
  phases: PhaseInfo[];
  n_epoch: number;
  n_iteration: number;
  n_row: { train: number; valid: number };
}

/** How an attempt went. `crashed` may be tried again, `failed` would fail again. */
export type Outcome =
  | { type: 'completed'; result: JobResult; throughput: Throughput | null }
  | { type: 'failed'; error: JobError }
  | { type: 'crashed'; error: JobError }
  | { type: 'cancelled' };

/** Why an attempt must end before its time. */
export type Interruption = 'cancel' | 'timeout' | 'shutdown' | 'lost';

/** Characters of frames that go to Redis in one command. */
const chunkCharacters = 1_000_000;

/**
 * What one attempt at a job writes: frames, the record's fields, its end. It is told when it must end before its time.
 */
export class Attempt {
  readonly id: string;
  readonly number: number;
  readonly record: JobRecord;
  /** The job that its input files are kept under: a finder has its fit's. */
  readonly inputs: string;
  readonly #redis: Client;
  readonly #lease: string;
  readonly #interrupt: (why: Interruption) => void;
  /** Milliseconds that earlier attempts ran, and when this one began. */
  readonly #ranBefore: number;
  readonly #startedAt = performance.now();
  #progress: Progress = { phase: 0, epoch: 0, n_epoch: null, iteration: 0, n_iteration: null };
  #frames: string[] = [];
  #fields: RecordFields = {};
  #message = 0;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #lost = false;

  constructor(
    redis: Client,
    hold: { record: JobRecord; inputs: string; number: number; lease: string; ranMs: number },
    interrupt: (why: Interruption) => void,
  ) {
    this.#redis = redis;
    this.record = hold.record;
    this.id = hold.record.id;
    this.inputs = hold.inputs;
    this.number = hold.number;
    this.#lease = hold.lease;
    this.#ranBefore = hold.ranMs;
    this.#interrupt = interrupt;
  }

  /** Milliseconds that all attempts have run. */
  get ranMs(): number {
    return Math.round(this.#ranBefore + performance.now() - this.#startedAt);
  }

  /** Whether the job is another attempt's, or has ended. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Notes what the run said of itself. */
  begin({ engine, phases, n_row, n_epoch, n_iteration }: RunInfo): void {
    this.#progress = { ...this.#progress, n_epoch, n_iteration };
    this.#fields = { ...this.#fields, engine, phases, n_row };
    this.#write();
  }

  /** Adds a frame to the log; it is stored soon, in order. */
  append(frame: TrainerFrame): void {
    // Readers find the type at the front, without parsing the frame.
    const { type, ...rest } = frame;
    this.#frames.push(JSON.stringify({ type, ...rest, attempt: this.number }));
    this.#follow(frame);
    this.#write();
  }

  /** Settles when all that was written is stored; also asks whether to go on. @throws what Redis refused to store. */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  /** Ends the job. False where it was not this attempt's to end. */
  async end(outcome: Exclude<Outcome, { type: 'crashed' }>): Promise<boolean> {
    await this.flush();
    const fields: RecordFields =
      outcome.type === 'completed' ? { result: outcome.result, throughput: outcome.throughput } : {};
    const error = outcome.type === 'failed' ? JSON.stringify(outcome.error) : '';
    const values = [
      String(this.number),
      this.#lease,
      outcome.type,
      new Date().toISOString(),
      error,
      JSON.stringify(encodeFields(fields)),
    ];
    return (await this.#redis.endJob(2, ...this.#names, ...values)) === 1;
  }

  /** Gives the job up so that the next attempt can have it: its lease, or what became of the job. */
  async retry(worker: string, error: JobError): Promise<Taken> {
    await this.flush();
    const lease = newToken();
    const values = [String(this.number), this.#lease, lease, worker, new Date().toISOString(), JSON.stringify(error)];
    return taken(await this.#redis.retryJob(2, ...this.#names, ...values), lease);
  }

  /** Puts the job back to `queued`; this attempt doesn't count. */
  async handBack(): Promise<void> {
    await this.flush();
    await this.#redis.handBackJob(2, ...this.#names, String(this.number), this.#lease, new Date().toISOString());
  }

  get #names(): [record: string, log: string] {
    return [keys.record(this.id), keys.log(this.id)];
  }

  #write(): void {
    if (this.#failure) return;
    this.#writing ??= this.#drain()
      .catch((error: unknown) => {
        // A log with a hole is worse than an attempt too many.
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#interrupt('lost');
      })
      .finally(() => (this.#writing = null));
  }

  /** One command at a time: what comes meanwhile goes with the next. */
  async #drain(): Promise<void> {
    do {
      const frames = this.#nextFrames();
      const fields = encodeFields({ ...this.#fields, progress: this.#progress });
      this.#fields = {};
      const state = JSON.stringify({ ...fields, _ran_ms: String(this.ranMs) });
      const answer = await this.#redis.appendFrames(
        2,
        ...this.#names,
        String(this.number),
        this.#lease,
        ++this.#message,
        state,
        ...frames,
      );
      if (answer === 'lost') {
        this.#lost = true;
        this.#frames = [];
      }
      if (answer === 'lost' || answer === 'cancel') this.#interrupt(answer);
    } while (this.#frames.length > 0);
  }

  #nextFrames(): string[] {
    let size = 0;
    const end = this.#frames.findIndex((frame) => (size += frame.length) > chunkCharacters);
    return this.#frames.splice(0, end === -1 ? this.#frames.length : Math.max(end, 1));
  }

  #follow(frame: TrainerFrame): void {
    if (frame.type === 'epoch') {
      this.#progress = { ...this.#progress, phase: frame.phase, epoch: frame.epoch + 1 };
      return;
    }
    const [epoch, iteration] = [frame.epoch.at(-1), frame.iteration.at(-1)];
    if (epoch === undefined || iteration === undefined) return;
    this.#progress = { ...this.#progress, phase: frame.phase, epoch, iteration: iteration + 1 };
  }
}

/** What became of taking a job. */
export type Taken =
  | { type: 'run'; attempt: number; ranMs: number; lease: string }
  | { type: 'missing' | 'moved' | 'waiting' | 'paused' | 'ended' | 'failed' | 'cancelled' | 'lost' }
  | { type: 'aside' | 'draining' };

/** Reads the answer of `takeJob` and `retryJob`. */
export function taken(answer: unknown, lease: string): Taken {
  const [type, attempt, ranMs] = answer as [Taken['type'], number, string];
  return type === 'run' ? { type, attempt, ranMs: Number(ranMs), lease } : { type };
}
