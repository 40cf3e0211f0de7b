/** A worker's place at the queue: takes one job after another, and sees each to its end whatever becomes of the process that runs it. */
import { hostname } from 'node:os';
import { Worker, WaitingError, type Job } from 'bullmq';
import type { Logger } from 'pino';
import type { Storage } from '../storage/storage.js';
import { archiveLogs } from './log/archive.js';
import { Attempt, taken, type Interruption, type Outcome, type Taken } from './log/attempt.js';
import { beat, heartbeatMs, leave } from './redis/heartbeats.js';
import { keys, newToken, queueName, queuePrefix } from './redis/keys.js';
import { Queues } from './redis/queues.js';
import { reconcile } from './redis/reconcile.js';
import type { EngineInfo, JobError, WorkerInfo } from './record.js';
import { readRecord } from './redis/records.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { settleFit } from './redis/settle.js';

/** Runs an attempt. When the signal is aborted it ends it: soon for `cancel`, at once for any other Interruption, which is the signal's reason. */
export type RunAttempt = (attempt: Attempt, signal: AbortSignal) => Promise<Outcome>;

const lockMs = 5000;
const stalledCheckMs = 3000;
/** How often a worker looks for what others left undone. */
const tidyMs = 5000;
/** The longest that a timer can be set to. */
const longestTimerMs = 2 ** 31 - 1;

interface Running {
  attempt: Attempt;
  interrupt: (why: Interruption) => void;
}

export class JobWorker {
  readonly info: WorkerInfo;
  readonly #redis: Client;
  readonly #subscriber: Client;
  readonly #queues: Queues;
  readonly #worker: Worker;
  readonly #run: RunAttempt;
  readonly #storage: Storage;
  readonly #log: Logger;
  #running: Running | null = null;
  #stopping = false;
  #timers: NodeJS.Timeout[] = [];
  #tidying: Promise<void> | null = null;

  /** `device`: `cpu`, or `cuda:N`. */
  constructor(address: RedisAddress, storage: Storage, device: string, run: RunAttempt, log: Logger) {
    this.#storage = storage;
    this.info = {
      id: newToken(),
      device,
      kind: device === 'cpu' ? 'cpu' : 'gpu',
      engine: null,
      job: null,
      pid: process.pid,
      host: hostname(),
    };
    this.#run = run;
    this.#log = log;
    this.#redis = openRedis(address, 'patient');
    this.#subscriber = openRedis(address, 'patient');
    this.#queues = new Queues(this.#redis);
    this.#worker = new Worker(queueName(this.info.kind), (job, token) => this.#process(job, token), {
      connection: this.#redis,
      prefix: queuePrefix,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      // Our own attempts say how often is too often.
      maxStalledCount: 1_000_000_000,
      // The record is what remains.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#worker.on('error', (error) => log.warn({ err: error }, 'the queue answered with an error'));
    this.#worker.on('failed', (job, error) =>
      log.error({ job: job?.id, err: error }, 'the job could not be looked after; it will be queued again'),
    );
  }

  /** Begins to take jobs. */
  async start(): Promise<void> {
    this.#subscriber.on('message', (_channel, id: string) => {
      if (this.#running?.attempt.id === id) this.#running.interrupt('cancel');
    });
    await this.#subscriber.subscribe(keys.control);
    await this.#beat();
    await this.#tidy();
    this.#timers = [setInterval(() => void this.#beat(), heartbeatMs), setInterval(() => this.#tidySoon(), tidyMs)];
    this.#worker.run().catch((error: unknown) => this.#log.error({ err: error }, 'the queue can not be read any more'));
    this.#log.info({ worker: this.info.id }, 'worker takes jobs');
  }

  /** Tells what engine its trainers have. */
  setEngine(engine: EngineInfo): void {
    this.info.engine = engine;
    void this.#beat();
  }

  /** Takes no more jobs, puts a running one back to the queue, and closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    const closed = this.#worker.close();
    this.#running?.interrupt('shutdown');
    await closed;
    await this.#tidying;
    await leave(this.#redis, this.info.id);
    await this.#queues.close();
    this.#subscriber.disconnect();
    this.#redis.disconnect();
  }

  async #process(job: Job, token: string | undefined): Promise<void> {
    const id = job.id!;
    let next = await this.#take(id);
    if (next.type === 'waiting') {
      await settleFit(this.#redis, id, now());
      next = await this.#take(id);
    }
    this.info.job = id;
    try {
      while (next.type === 'run') {
        const follows = await this.#runOnce(id, next);
        if (follows === 'handed back') {
          await job.moveToWait(token);
          throw new WaitingError();
        }
        next = follows;
      }
    } finally {
      this.info.job = null;
    }
    await this.#settleFitOf(id);
  }

  async #take(id: string): Promise<Taken> {
    const lease = newToken();
    const died: JobError = { code: 'trainer_crashed', message: 'The worker that ran the job died.' };
    const next = taken(
      await this.#redis.takeJob(2, keys.record(id), keys.log(id), lease, this.info.id, now(), JSON.stringify(died)),
      lease,
    );
    if (next.type === 'run') this.#log.info({ job: id, attempt: next.attempt }, 'job started');
    else this.#log.info({ job: id }, `job not started: ${next.type}`);
    return next;
  }

  async #runOnce(
    id: string,
    { attempt: number, lease, ranMs }: Extract<Taken, { type: 'run' }>,
  ): Promise<Taken | 'handed back'> {
    const record = await readRecord(this.#redis, id);
    if (!record) return { type: 'missing' };
    const inputs = (await this.#redis.hget(keys.record(id), '_fit')) ?? id;
    const controller = new AbortController();
    const interrupt = (why: Interruption): void => controller.abort(why);
    const attempt = new Attempt(this.#redis, { record, inputs, number, lease, ranMs }, interrupt);
    this.#running = { attempt, interrupt };
    // The shutdown may have come while there was nothing to interrupt.
    if (this.#stopping) interrupt('shutdown');
    const limit = (record.spec.timeout_seconds ?? Infinity) * 1000 - ranMs;
    const timer = limit <= longestTimerMs ? setTimeout(() => interrupt('timeout'), limit) : undefined;
    try {
      const outcome = await this.#run(attempt, controller.signal).catch(crashed);
      return await this.#conclude(attempt, outcome, controller.signal);
    } finally {
      clearTimeout(timer);
      this.#running = null;
    }
  }

  /** Brings to the record how an attempt went. A run that got to its end has ended, whatever was asked meanwhile. */
  async #conclude(attempt: Attempt, outcome: Outcome, signal: AbortSignal): Promise<Taken | 'handed back'> {
    const log = this.#log.child({ job: attempt.id, attempt: attempt.number });
    const why = signal.reason as Interruption | undefined;
    if (outcome.type === 'completed' || outcome.type === 'failed') return this.#end(attempt, outcome, log);
    switch (why) {
      case 'shutdown':
        await attempt.handBack();
        log.info('job goes back to the queue: the worker shuts down');
        return 'handed back';
      case 'timeout':
        return this.#end(attempt, timedOut(attempt), log);
      case 'cancel':
        return this.#end(attempt, { type: 'cancelled' }, log);
      case 'lost':
        log.warn('job is not ours any more');
        return { type: 'lost' };
    }
    if (outcome.type === 'cancelled') return this.#end(attempt, outcome, log);
    log.warn({ error: outcome.error }, 'attempt crashed');
    const next = await attempt.retry(this.info.id, outcome.error);
    log.info(
      next.type === 'run' ? { next: next.attempt } : {},
      next.type === 'run' ? 'job starts again' : `job ended: ${next.type}`,
    );
    return next;
  }

  async #end(attempt: Attempt, outcome: Exclude<Outcome, { type: 'crashed' }>, log: Logger): Promise<Taken> {
    const ours = await attempt.end(outcome);
    if (ours) log.info(outcome.type === 'failed' ? { error: outcome.error } : {}, `job ${outcome.type}`);
    else log.warn(`job could not be ${outcome.type}: it is not ours any more`);
    return { type: ours ? 'ended' : 'lost' };
  }

  /** The fit that waited for this finder goes on, also where its place in the queue was lost. */
  async #settleFitOf(id: string): Promise<void> {
    const fit = await this.#redis.hget(keys.record(id), '_fit');
    if (!fit) return;
    await settleFit(this.#redis, fit, now());
    const [status] = await this.#redis.hmget(keys.record(fit), 'status');
    const known = await this.#redis.exists(this.#queues.key(this.info.kind, fit));
    if (status === 'queued' && known === 0) await this.#queues.add(this.info.kind, fit);
  }

  async #beat(): Promise<void> {
    try {
      await beat(this.#redis, this.info);
      // A message on the control channel may have been lost with its connection: this asks again.
      await this.#running?.attempt.flush();
    } catch (error) {
      this.#log.warn({ err: error }, 'no heartbeat');
    }
  }

  #tidySoon(): void {
    this.#tidying ??= this.#tidy().finally(() => (this.#tidying = null));
  }

  async #tidy(): Promise<void> {
    try {
      for (const job of await reconcile(this.#redis, this.#queues))
        this.#log.warn({ job }, 'job queued again: no queue knew it');
      for (const job of await archiveLogs(this.#redis, this.#storage)) this.#log.debug({ job }, 'log stored');
    } catch (error) {
      this.#log.warn({ err: error }, 'could not tidy up');
    }
  }
}

const timedOut = ({ record }: Attempt): Outcome & { type: 'failed' } => ({
  type: 'failed',
  error: { code: 'timeout', message: `The job ran longer than its timeout of ${record.spec.timeout_seconds ?? 0} s.` },
});

const crashed = (error: unknown): Outcome => ({
  type: 'crashed',
  error: { code: 'internal', message: error instanceof Error ? error.message : String(error) },
});

const now = (): string => new Date().toISOString();
