/**
 * Jobs, each from the queue's hands to its end or back: take it, run attempt after attempt, bring to the record how they
 * went.
 */
import type { Logger } from 'pino';
import { artifacts } from './artifacts.js';
import { AttemptTrace, type AttemptStatus } from './attempt-trace.js';
import {
  Attempt,
  taken,
  type Aside,
  type Ending,
  type Hold,
  type Interruption,
  type Outcome,
  type ResumableCheckpoint,
  type Taken,
} from './log/attempt.js';
import type { Early, GivenBy } from './line-worker.js';
import type { JobError, JobRecord } from './record.js';
import { admitJobs, makeRoom } from './redis/admit.js';
import type { Client } from './redis/client.js';
import type { Heartbeat } from './redis/heartbeats.js';
import { keys, newToken } from './redis/keys.js';
import type { Queues } from './redis/queues.js';
import { decodeRecord } from './redis/fields.js';
import { OnecycleError } from '../errors.js';
import { defaultTenant } from '../schema/tenant.js';
import { asDiskFull } from '../storage/disk-full.js';
import { isAway } from '../storage/patient.js';
import type { Storage } from '../storage/storage.js';
import type { Slots } from './slots.js';
import { workFolders } from './work-folders.js';

/**
 * Runs an attempt. When the signal is aborted it ends it: soon where a checkpoint can still be made, at once for
 * `timeout` and `lost`. The signal's reason is the Interruption.
 */
export type RunAttempt = (attempt: Attempt, signal: AbortSignal) => Promise<Outcome>;

/** What follows an attempt: whatever `taken` says, or the job is back in the queue. */
type Next = Taken | { type: 'handed back' };
type Run = Extract<Taken, { type: 'run' }>;

/** The longest that a timer can be set to. */
const longestTimerMs = 2 ** 31 - 1;

/** A worker's jobs: any number at once. */
export class JobRunner {
  readonly #redis: Client;
  readonly #queues: Queues;
  readonly #storage: Storage;
  readonly #worker: Heartbeat;
  readonly #slots: Slots;
  readonly #run: RunAttempt;
  readonly #log: Logger;
  /** Jobs that went aside as they were taken, by id. */
  readonly #aside = new Map<string, Aside>();
  /** The attempts that run, by the ids of their jobs. */
  readonly #running = new Map<string, { attempt: Attempt; interrupt: (why: Interruption) => void }>();
  #stopping = false;

  constructor(
    redis: Client,
    queues: Queues,
    storage: Storage,
    worker: Heartbeat,
    slots: Slots,
    run: RunAttempt,
    log: Logger,
  ) {
    this.#slots = slots;
    this.#redis = redis;
    this.#queues = queues;
    this.#storage = storage;
    this.#worker = worker;
    this.#run = run;
    this.#log = log;
  }

  /**
   * Sees a job to its end, if it can. `handed back`: the worker takes no more jobs; `held`: another worker is at it; it
   * must be looked at again. `early`: what became of taking it already.
   */
  async run(id: string, early: Taken | null): Promise<'done' | 'handed back' | 'held'> {
    let next: Next = await this.#take(id, early);
    while (next.type === 'run') next = await this.#attempt(next);
    if (next.type === 'held') return 'held';
    if (next.type === 'handed back' || next.type === 'draining') return 'handed back';
    if (next.type === 'aside') this.#aside.set(id, next.why);
    else await makeRoom(this.#redis, this.#queues, id);
    return 'done';
  }

  /** The queue has let go of a job. Not before that could one that has gone aside come into it again. */
  async letGo(id: string): Promise<void> {
    const why = this.#aside.get(id);
    if (why === undefined) return;
    this.#aside.delete(id);
    await makeRoom(this.#redis, this.#queues, id, why === 'better');
  }

  /**
   * Redis did not take back what ran: leaves word for whoever runs it next that a shutdown has ended the attempt. To be
   * called once no trainer runs any more.
   */
  async leaveWord(): Promise<void> {
    const attempts = [...this.#running.values()].map(({ attempt }) => attempt);
    await Promise.all(
      attempts.map((attempt) => this.#storage.put(artifacts.handedBack(attempt.id), Buffer.from(attempt.lease))),
    );
  }

  /** Something is asked of a job: looks what, if it runs here. */
  hear(id: string): void {
    // What Redis refused to store ends the attempt by itself.
    this.#running
      .get(id)
      ?.attempt.flush()
      .catch(() => undefined);
  }

  /** What runs goes back to the queue, and so does whatever is taken from now on. */
  shutDown(): void {
    this.#stopping = true;
    for (const { interrupt } of this.#running.values()) interrupt('shutdown');
  }

  /** Asks whether what runs is to go on. @throws what Redis refused to store */
  async ask(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ attempt }) => attempt.flush()));
  }

  /** Takes the job that a line has given under a token. */
  async takeGiven({ active, prefix }: GivenBy, token: string): Promise<Early | null> {
    const lease = newToken();
    const names = [keys.record(''), keys.log(''), active] as const;
    const [id, answer] = (await this.#redis.takeGiven(3, ...names, ...this.#asTaker(lease), '?', prefix, token)) as [
      id: string,
      answer: unknown,
    ];
    return id === '' ? null : { id, taken: taken(answer, lease) };
  }

  /** What `takeJob` is told of who takes. */
  #asTaker(lease: string): string[] {
    const died: JobError = { code: 'trainer_crashed', message: 'The worker that ran the job died.' };
    return [lease, this.#worker.id, new Date().toISOString(), JSON.stringify(died), this.#worker.kind];
  }

  async #take(id: string, early: Taken | null): Promise<Taken> {
    const lease = newToken();
    const names = [keys.record(id), keys.log(id)] as const;
    const take = async (handedBack: string): Promise<Taken> =>
      taken(await this.#redis.takeJob(2, ...names, ...this.#asTaker(lease), handedBack), lease);
    let handedBack = '';
    let next = early ?? (await take('?'));
    if (next.type === 'look') {
      handedBack = await this.#handedBack(id);
      next = await take(handedBack);
    }
    if (handedBack !== '' && next.type === 'run') await this.#storage.remove(artifacts.handedBack(id));
    // The tenant's next one takes its place in line, behind those of others.
    if (next.type === 'run' && next.tenant !== null)
      await admitJobs(this.#redis, this.#queues, { groups: [], tenant: next.tenant });
    if (next.type !== 'run')
      this.#log[next.type === 'held' ? 'debug' : 'info']({ job: id }, `job not started: ${next.type}`);
    return next;
  }

  /** The lease that `leaveWord` has left; '' where it did not. */
  async #handedBack(id: string): Promise<string> {
    const name = artifacts.handedBack(id);
    try {
      return (await this.#storage.exists(name)) ? String(await this.#storage.get(name)) : '';
    } catch (error) {
      // The attempt waits for the storage; whether the one before it counts matters less than that it begins.
      if (isAway(error)) return '';
      throw error;
    }
  }

  async #attempt(run: Run): Promise<Next> {
    const record = decodeRecord(run.hash);
    if (!record) return { type: 'missing' };
    const hold = this.#hold(record, run);
    try {
      return await hold.trace.within(() => this.#runAttempt(hold));
    } finally {
      // Where Redis refused what there was to say, somebody else will see to the job.
      hold.trace.end('lost');
    }
  }

  #hold(record: JobRecord, { attempt: number, lease, ranMs, hash, checkpoints }: Run): Hold {
    const { _fit, _tenant, _traceparent, _tracestate, _waited_ms, _from } = hash;
    const waitedMs = _waited_ms === undefined ? null : Number(_waited_ms);
    const parent = { traceparent: _traceparent, tracestate: _tracestate };
    const trace = new AttemptTrace(record, number, this.#worker.device, parent, waitedMs);
    const inherited = _from === undefined ? [] : [JSON.parse(_from) as ResumableCheckpoint];
    return {
      record,
      inputs: _fit ?? record.id,
      tenant: _tenant ?? defaultTenant,
      number,
      lease,
      ranMs,
      share: this.#slots.shareOf(record.id),
      checkpoints: [...checkpoints.map((each) => ({ ...each, job: record.id })).reverse(), ...inherited],
      trace,
    };
  }

  async #runAttempt(hold: Hold): Promise<Next> {
    const { record, number, ranMs } = hold;
    this.#log.info({ job: record.id, attempt: number }, 'job started');
    const controller = new AbortController();
    const interrupt = (why: Interruption): void => controller.abort(why);
    const frames = this.#storage.workPlace(workFolders.frames(record.id, number));
    const attempt = new Attempt(this.#redis, frames, hold, interrupt, this.#log);
    this.#running.set(record.id, { attempt, interrupt });
    // The shutdown may have come while there was nothing to interrupt.
    if (this.#stopping) interrupt('shutdown');
    const limitMs = (record.spec.timeout_seconds ?? Infinity) * 1000 - ranMs;
    const timer = limitMs <= longestTimerMs ? setTimeout(() => interrupt('timeout'), limitMs) : undefined;
    try {
      const outcome = await this.#run(attempt, controller.signal).catch(crashed);
      return await this.#conclude(attempt, outcome, controller.signal);
    } finally {
      clearTimeout(timer);
      this.#running.delete(record.id);
      attempt.close();
    }
  }

  async #conclude(attempt: Attempt, outcome: Outcome, signal: AbortSignal): Promise<Next> {
    const next = await this.#bring(attempt, outcome, signal);
    attempt.trace.end(...statusOf(attempt, outcome, next, signal.reason as Interruption | undefined));
    return next;
  }

  /** Brings to the record how an attempt went. A run that got to its end has ended, whatever was asked meanwhile. */
  async #bring(attempt: Attempt, outcome: Outcome, signal: AbortSignal): Promise<Next> {
    const log = this.#log.child({ job: attempt.id, attempt: attempt.number });
    const why = signal.reason as Interruption | undefined;
    if (outcome.type === 'completed' || outcome.type === 'failed') {
      const next = await end(attempt, outcome, log);
      // It may have been given up for dead meanwhile.
      if (next.type === 'lost')
        await this.#storage
          .remove(artifacts.results(attempt.id, attempt.number))
          .catch((error: unknown) => log.warn({ err: error }, 'results that nobody needs could not be removed'));
      return next;
    }
    switch (why) {
      case 'shutdown':
        await attempt.handBack();
        log.info('job goes back to the queue: the worker is shutting down');
        return { type: 'handed back' };
      case 'pause':
        if (!(await attempt.rest())) return attempt.lost ? { type: 'lost' } : end(attempt, { type: 'cancelled' }, log);
        log.info('job is paused until it is resumed');
        return { type: 'paused' };
      case 'timeout':
        return end(attempt, timedOut(attempt), log);
      case 'cancel':
        return end(attempt, { type: 'cancelled' }, log);
      case 'lost':
        log.warn('job has been taken over by another worker');
        return { type: 'lost' };
    }
    if (outcome.type === 'stopped') return end(attempt, { type: 'cancelled' }, log);
    log.warn({ error: outcome.error }, 'attempt crashed');
    const next = await attempt.retry(this.#worker.id, outcome.error);
    if (next.type === 'run') log.info({ next: next.attempt }, 'job starts again');
    else log.info(`job ended: ${next.type}`);
    return next;
  }
}

async function end(attempt: Attempt, outcome: Ending, log: Logger): Promise<Taken> {
  const ours = await attempt.end(outcome);
  if (ours) log.info(outcome.type === 'failed' ? { error: outcome.error } : {}, `job ${outcome.type}`);
  else log.warn(`job could not be ${outcome.type}: another worker has taken it over`);
  return { type: ours ? 'ended' : 'lost' };
}

/** How an attempt went, in a word, and what was wrong with it. */
function statusOf(
  attempt: Attempt,
  outcome: Outcome,
  next: Next,
  why: Interruption | undefined,
): [status: AttemptStatus, error?: JobError] {
  if (next.type === 'lost' || next.type === 'paused') return [next.type];
  if (next.type === 'handed back') return ['handed_back'];
  if (outcome.type === 'completed') return ['completed'];
  if (outcome.type === 'failed') return ['failed', outcome.error];
  if (why === 'timeout') return ['failed', timedOut(attempt).error];
  if (outcome.type === 'crashed' && why === undefined) return ['crashed', outcome.error];
  return ['cancelled'];
}

const timedOut = ({ record }: Attempt): Outcome & { type: 'failed' } => ({
  type: 'failed',
  error: { code: 'timeout', message: `The job ran longer than its timeout of ${record.spec.timeout_seconds ?? 0} s.` },
});

/** What the worker itself could not do may be possible the next time. */
function crashed(error: unknown): Outcome {
  const known = asDiskFull(error);
  const code = known instanceof OnecycleError ? known.code : 'internal';
  return { type: 'crashed', error: { code, message: known instanceof Error ? known.message : String(known) } };
}
