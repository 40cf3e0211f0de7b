/**
 * A worker's hold on a job: everything an attempt writes goes through it, and is refused once the job is another's or
 * has ended.
 */
import { encodeFields, type Hash, type RecordFields } from '../redis/fields.js';
import type { Logger } from 'pino';
import type { Finish } from '../../request/body.js';
import type { Checkpoint, Equality, MadeCheckpoint } from '../checkpoint.js';
import type { FrameProgress, RewindFrame, TrainerFrame } from '../frames.js';
import { percentOf, timeAfter, type StoredProgress } from '../progress.js';
import { decodeCheckpoints, dropSuperfluous } from '../redis/checkpoints.js';
import { FrameQueue } from './frame-queue.js';
import { keys, newToken } from '../redis/keys.js';
import type {
  EngineInfo,
  JobError,
  JobRecord,
  JobResult,
  PhaseInfo,
  Progress,
  Resumed,
  Throughput,
} from '../record.js';
import type { Client } from '../redis/client.js';
import { hashOf } from '../redis/records.js';
import { FinishEstimate, type Position } from './estimate.js';
import type { AttemptTrace } from '../attempt-trace.js';
import type { Share } from '../slots.js';
import { Trained } from './trained.js';

/** What a run says of itself before its first batch. */
export interface RunInfo {
  engine: EngineInfo;
  phases: PhaseInfo[];
  n_epoch: number;
  n_iteration: number;
  n_row: { train: number; valid: number };
  /** What it goes on from; null where it begins. */
  resumed: (Pick<Progress, 'phase' | 'epoch' | 'iteration'> & { from: string; equality: Equality }) | null;
  /** Checkpoints that are damaged. */
  damaged: { id: string; why: string }[];
}

/** What a client asks of a running attempt. */
export type Asked = { type: 'checkpoint'; name: string } | { type: 'finish'; cooldown: number };

/** What a run says when it leaves its schedule: where, and what follows. */
export interface Finishing {
  finish: Finish;
  phase: PhaseInfo;
  n_epoch: number;
  n_iteration: number;
}

/** A checkpoint to go on from. */
export interface ResumableCheckpoint {
  job: string;
  id: string;
  sha256: string;
}

/** How an attempt went. `crashed` may be tried again, `failed` would fail again. */
export type Outcome =
  | { type: 'completed'; result: JobResult; throughput: Throughput | null }
  | { type: 'failed'; error: JobError }
  | { type: 'crashed'; error: JobError }
  | { type: 'stopped' };

/** How a job ends. */
export type Ending = Extract<Outcome, { type: 'completed' | 'failed' }> | { type: 'cancelled' };

/** Why an attempt must end before its time. */
export type Interruption = 'cancel' | 'pause' | 'timeout' | 'shutdown' | 'lost';

/** A job, as a worker has it. */
export interface Hold {
  record: JobRecord;
  inputs: string;
  tenant: string;
  number: number;
  lease: string;
  ranMs: number;
  /** What it has of its worker. */
  share: Share;
  /** What it may go on from, the newest first; those of the job that it does again come last. */
  checkpoints: ResumableCheckpoint[];
  trace: AttemptTrace;
}

/**
 * What one attempt at a job writes: frames, the record's fields, its end. It is told when it must end before its time.
 */
export class Attempt {
  readonly id: string;
  readonly number: number;
  readonly record: JobRecord;
  /** The job that its input files are kept under: a finder has its fit's. */
  readonly inputs: string;
  /** Whose it is. */
  readonly tenant: string;
  /** What it has of its worker. */
  readonly share: Share;
  /** What tells this attempt from all others. */
  readonly lease: string;
  /** Checkpoints that it may go on from, the newest first. */
  readonly checkpoints: readonly ResumableCheckpoint[];
  /** Its spans. */
  readonly trace: AttemptTrace;
  readonly #redis: Client;
  readonly #interrupt: (why: Interruption) => void;
  readonly #log: Logger;
  /** Milliseconds that earlier attempts ran, and when this one began. */
  readonly #ranBefore: number;
  readonly #startedAt = performance.now();
  readonly #estimate = new FinishEstimate();
  #progress: StoredProgress;
  /** Names of checkpoints that were asked for and passed on; '' where the run is asked to finish. */
  readonly #asked = new Set<string>();
  readonly #frames: FrameQueue;
  readonly #trained: Trained;
  #fields: RecordFields = {};
  #phases: PhaseInfo[] = [];
  #message = 0;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #lost = false;

  /** `folder`: where frames may wait that are too many for memory; it need not be there. */
  constructor(redis: Client, folder: string, hold: Hold, interrupt: (why: Interruption) => void, log: Logger) {
    this.#redis = redis;
    this.#frames = new FrameQueue(folder);
    this.record = hold.record;
    const { phase, epoch, n_epoch, iteration, n_iteration } = hold.record.progress;
    this.#progress = { phase, epoch, n_epoch, iteration, n_iteration, estimated_finish: null };
    this.id = hold.record.id;
    this.inputs = hold.inputs;
    this.tenant = hold.tenant;
    this.share = hold.share;
    this.number = hold.number;
    this.lease = hold.lease;
    this.checkpoints = hold.checkpoints;
    this.trace = hold.trace;
    this.#ranBefore = hold.ranMs;
    this.#trained = new Trained(hold.record.spec, hold.ranMs);
    this.#interrupt = interrupt;
    this.#log = log;
  }

  /** Milliseconds that all attempts have run. */
  get ranMs(): number {
    return Math.round(this.#ranBefore + performance.now() - this.#startedAt);
  }

  /** Whether the job is another attempt's, or has ended. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Hears of each checkpoint that a client asks for, and of a wish to finish, once. */
  onAsked: (asked: Asked) => void = () => undefined;

  /** Notes what the run said of itself, and announces where it goes on if it is not the first. */
  begin({ engine, phases, n_row, n_epoch, n_iteration, resumed, damaged }: RunInfo): void {
    const { phase, epoch, iteration } = resumed ?? { phase: 0, epoch: 0, iteration: 0 };
    this.#progress = { phase, epoch, n_epoch, iteration, n_iteration, estimated_finish: null };
    this.#phases = phases;
    this.trace.begin(phase, engine.name);
    this.#fields = { ...this.#fields, engine, phases, n_row };
    this.#trained.knowRows(n_row.train);
    for (const each of damaged) this.warn(each, 'a checkpoint is damaged: trying the one before it');
    if (resumed !== null) {
      const entry: Resumed = {
        attempt: this.number,
        from: resumed.from,
        iteration,
        equality: resumed.equality,
        ...(damaged.length > 0 && { damaged: damaged.map(({ id }) => id) }),
      };
      this.#fields.resumed = [...(this.record.resumed ?? []), entry];
    }
    if (this.number > 1 || resumed !== null) this.#push({ type: 'rewind', iteration, epoch });
    this.#write();
  }

  /**
   * Notes a checkpoint whose file is stored. Returns the ids of those whose files are to be removed: of all that need
   * not be kept any more, or of this one where the job is not this attempt's.
   */
  async addCheckpoint(id: string, made: MadeCheckpoint): Promise<string[]> {
    const { phase, epoch, iteration, name } = made;
    const checkpoint: Checkpoint = { id, ...made, attempt: this.number, created_at: new Date().toISOString() };
    const stored = (await this.#redis.addCheckpoint(
      3,
      ...this.#names,
      keys.checkpoints(this.id),
      String(this.number),
      this.lease,
      id,
      JSON.stringify(checkpoint),
      JSON.stringify({ phase, epoch, iteration }),
      name ?? '',
    )) as number;
    if (stored === 0) return [id];
    const { keep_checkpoints } = this.record.spec;
    return stored <= keep_checkpoints ? [] : dropSuperfluous(this.#redis, this.id, keep_checkpoints);
  }

  /** Notes that the run has left its schedule, in the spec too: it can be repeated from that. */
  finish({ finish, phase, n_epoch, n_iteration }: Finishing): void {
    this.#progress = { ...this.#progress, n_epoch, n_iteration };
    this.#fields = { ...this.#fields, phases: [...this.#phases, phase], spec: { ...this.record.spec, finish } };
    this.#write();
  }

  /** Tells the operator. */
  warn(facts: object, message: string): void {
    this.#log.warn({ job: this.id, attempt: this.number, ...facts }, message);
  }

  /** Adds a frame to the log; it is stored soon, in order. @throws where there is no room for it to wait in. */
  append(frame: TrainerFrame): void {
    this.#follow(frame);
    this.trace.hear(frame.phase);
    this.#trained.hear(frame);
    const progress: FrameProgress = {
      percent: percentOf(this.#progress),
      estimated_finish: this.#progress.estimated_finish,
      seconds: this.ranMs / 1000,
    };
    this.#push({ ...frame, progress });
    this.#write();
  }

  #push(frame: (TrainerFrame & { progress: FrameProgress }) | RewindFrame): void {
    // Readers find the type at the front, without parsing the frame.
    const { type, ...rest } = frame;
    this.#frames.push(JSON.stringify({ type, ...rest, attempt: this.number }));
  }

  /** Settles when all that was written is stored. @throws what Redis refused to store. */
  async stored(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  /** As `stored`; also asks whether to go on. */
  async flush(): Promise<void> {
    this.#write();
    await this.stored();
  }

  /** Ends the job. False where it was not this attempt's to end. */
  async end(outcome: Ending): Promise<boolean> {
    await this.stored();
    const fields: RecordFields =
      outcome.type === 'completed' ? { result: outcome.result, throughput: outcome.throughput } : {};
    const error = outcome.type === 'failed' ? JSON.stringify(outcome.error) : '';
    const values = [
      String(this.number),
      this.lease,
      outcome.type,
      new Date().toISOString(),
      error,
      JSON.stringify(encodeFields(fields)),
    ];
    return (await this.#redis.endJob(2, ...this.#names, ...values)) === 1;
  }

  /** Gives the job up so that the next attempt can have it: its lease, or what became of the job. */
  async retry(worker: string, error: JobError): Promise<Taken> {
    await this.stored();
    const lease = newToken();
    const values = [String(this.number), this.lease, lease, worker, new Date().toISOString(), JSON.stringify(error)];
    return taken(await this.#redis.retryJob(2, ...this.#names, ...values), lease);
  }

  /** The job rests until it is resumed; this attempt doesn't count. False where it is not this attempt's to do so. */
  async rest(): Promise<boolean> {
    // Where it may not, the caller looks at `lost`.
    await this.flush();
    return (await this.#redis.restJob(2, ...this.#names, String(this.number), this.lease)) === 1;
  }

  /** Puts the job back to `queued`; this attempt doesn't count. */
  async handBack(): Promise<void> {
    await this.flush();
    await this.#redis.handBackJob(2, ...this.#names, String(this.number), this.lease, new Date().toISOString());
  }

  /** Lets go of what still waits; nothing is written any more. */
  close(): void {
    this.#frames.clear();
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
      const frames = this.#frames.take();
      const fields = encodeFields({ ...this.#fields, progress: this.#progress });
      this.#fields = {};
      const trained = this.#trained.take(this.ranMs);
      const state = JSON.stringify({
        ...fields,
        _ran_ms: String(this.ranMs),
        ...(trained && { _trained: JSON.stringify(trained) }),
      });
      const [answer, asked, cooldown] = (await this.#redis.appendFrames(
        2,
        ...this.#names,
        String(this.number),
        this.lease,
        ++this.#message,
        state,
        ...frames,
      )) as ['lost' | 'cancel' | 'pause' | 'ok', asked: string, cooldown: string];
      if (answer === 'lost') {
        this.#lost = true;
        this.#frames.clear();
      }
      if (answer !== 'ok') this.#interrupt(answer);
      for (const name of JSON.parse(asked) as string[]) this.#passOn(name, { type: 'checkpoint', name });
      if (cooldown !== '') this.#passOn('', { type: 'finish', cooldown: Number(cooldown) });
    } while (!this.#frames.empty);
  }

  #passOn(key: string, asked: Asked): void {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.onAsked(asked);
  }

  #follow(frame: TrainerFrame): void {
    const progress = { ...this.#progress, ...positionAfter(frame) };
    this.#estimate.observe(performance.now(), progress);
    this.#progress = { ...progress, estimated_finish: timeAfter(this.#estimate.remainingMs(progress)) };
  }
}

/** Where a run is after a frame; of one without batches nothing is to be said. */
function positionAfter(frame: TrainerFrame): Partial<Position> {
  if (frame.type === 'epoch') return { phase: frame.phase, epoch: frame.epoch + 1 };
  const [epoch, iteration] = [frame.epoch.at(-1), frame.iteration.at(-1)];
  return epoch === undefined || iteration === undefined ? {} : { phase: frame.phase, epoch, iteration: iteration + 1 };
}

/** Why a job went aside as it was taken: redis/scripts/turns.ts; '' is for its concurrency key. */
export type Aside = '' | 'limit' | 'better' | 'early';

/** What became of taking a job; `tenant`: whose turn others wait for. */
export type Taken =
  | {
      type: 'run';
      attempt: number;
      ranMs: number;
      lease: string;
      tenant: string | null;
      hash: Hash;
      checkpoints: Checkpoint[];
    }
  | { type: 'aside'; why: Aside }
  | { type: 'missing' | 'moved' | 'waiting' | 'paused' | 'ended' | 'failed' | 'cancelled' | 'lost' }
  | { type: 'held' | 'draining' | 'look' };

/** Reads the answer of `takeJob` and `retryJob`. */
export function taken(answer: unknown, lease: string): Taken {
  const [type, ...rest] = answer as [Taken['type'], ...unknown[]];
  if (type === 'aside') return { type, why: rest[0] as Aside };
  if (type !== 'run') return { type };
  const [attempt, ranMs, tenant, hash, checkpoints] = rest as [number, string, string, string[], string[]];
  return {
    type,
    attempt,
    ranMs: Number(ranMs),
    lease,
    tenant: tenant === '' ? null : tenant,
    hash: hashOf(hash),
    checkpoints: decodeCheckpoints(checkpoints),
  };
}
