/**
 * A worker's place at the queue: takes one job after another, says that it lives, hears of cancellations, and tidies
 * up.
 */
import { hostname } from 'node:os';
import { DelayedError, Worker, WaitingError, type Job } from 'bullmq';
import type { Logger } from 'pino';
import type { Storage } from '../storage/storage.js';
import { JobRunner, type RunAttempt } from './job-runner.js';
import type { EngineInfo, WorkerUsage } from './record.js';
import { checkServer } from './redis/check-server.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { beat, heartbeatMs, leave, type Heartbeat } from './redis/heartbeats.js';
import { keys, newToken, queueName, queuePrefix } from './redis/keys.js';
import { Queues } from './redis/queues.js';
import { Tidying } from './tidy.js';

/** A job whose worker did not renew its lock for this long is taken for stalled. */
const lockMs = 5000;
const stalledCheckMs = 3000;
/** A job that was taken for stalled, and that another worker is at, is looked at again after so long. */
const lookAgainMs = 2000;

/** Takes the jobs of one kind of device, one at a time. */
export class JobWorker {
  /** What its heartbeats tell. */
  readonly info: Heartbeat;
  readonly #address: RedisAddress;
  readonly #redis: Client;
  readonly #subscriber: Client;
  readonly #queues: Queues;
  readonly #worker: Worker;
  readonly #runner: JobRunner;
  readonly #tidying: Tidying;
  readonly #usage: () => WorkerUsage;
  readonly #log: Logger;
  #heartbeat: NodeJS.Timeout | undefined;

  /**
   * `device`: `cpu`, or `cuda:N`. `keepDays`: days that ended jobs are kept; null: for ever. `usage`: what it takes of
   * the machine.
   */
  constructor(
    address: RedisAddress,
    storage: Storage,
    { device, keepDays, usage }: { device: string; keepDays: number | null; usage: () => WorkerUsage },
    run: RunAttempt,
    log: Logger,
  ) {
    this.#usage = usage;
    this.#address = address;
    this.info = {
      id: newToken(),
      device,
      kind: device === 'cpu' ? 'cpu' : 'gpu',
      engine: null,
      job: null,
      pid: process.pid,
      host: hostname(),
      usage: usage(),
    };
    this.#log = log;
    this.#redis = openRedis(address, 'patient');
    this.#subscriber = openRedis(address, 'patient');
    this.#queues = new Queues(this.#redis);
    this.#runner = new JobRunner(this.#redis, this.#queues, storage, this.info, run, log);
    this.#tidying = new Tidying(this.#redis, this.#queues, storage, keepDays, log);
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
      log.error({ job: job?.id, err: error }, 'the job could not be supervised; it will be queued again'),
    );
  }

  /** Begins to take jobs. @throws OnecycleError `redis_unsuitable` where the server cannot be used */
  async start(): Promise<void> {
    await checkServer(this.#redis, this.#address);
    this.#subscriber.on('message', (_channel, id: string) => {
      if (id === this.info.id) void this.#beat();
      else this.#runner.hear(id);
    });
    await this.#subscriber.subscribe(keys.control);
    await this.#beat();
    this.#heartbeat = setInterval(() => void this.#beat(), heartbeatMs);
    await this.#tidying.start();
    this.#worker.run().catch((error: unknown) => this.#log.error({ err: error }, 'the queue can no longer be read'));
    this.#log.info({ worker: this.info.id }, 'worker is ready for jobs');
  }

  /** Tells what engine its trainers have. */
  setEngine(engine: EngineInfo): void {
    this.info.engine = engine;
    void this.#beat();
  }

  /** Takes no more jobs, puts a running one back to the queue, and closes. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    const closed = Promise.all([this.#worker.close(), this.#tidying.stop()]);
    this.#runner.shutDown();
    await closed;
    await leave(this.#redis, this.info.id);
    await this.#queues.close();
    this.#subscriber.disconnect();
    this.#redis.disconnect();
  }

  /** As `JobRunner.leaveWord`, for a worker that must end before `stop` has. */
  leaveWord(): Promise<void> {
    return this.#runner.leaveWord();
  }

  async #process(job: Job, token: string | undefined): Promise<void> {
    const { id } = job;
    if (id === undefined) return;
    const run = this.#runner.run(id);
    void this.#beat();
    switch (await run.finally(() => void this.#beat())) {
      case 'done':
        return;
      case 'handed back':
        await job.moveToWait(token);
        await this.#queues.advance(job);
        throw new WaitingError();
      case 'held':
        await job.moveToDelayed(Date.now() + lookAgainMs, token);
        throw new DelayedError();
    }
  }

  async #beat(): Promise<void> {
    try {
      this.info.usage = this.#usage();
      const draining = await beat(this.#redis, this.info);
      if (draining && !this.#worker.isPaused()) {
        await this.#worker.pause(true);
        this.#log.info('worker takes no more jobs');
      }
      // A message on the control channel may have been lost with its connection: this asks again.
      await this.#runner.ask();
    } catch (error) {
      this.#log.warn({ err: error }, 'no heartbeat');
    }
  }
}
