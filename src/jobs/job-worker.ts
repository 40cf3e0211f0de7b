/**
 * A worker's place at the queue: takes jobs, says that it lives, hears of cancellations, and tidies up.
 */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Labels } from '../schema/labels.js';
import type { Storage } from '../storage/storage.js';
import { Intake, type Seeing } from './intake.js';
import { JobRunner, type RunAttempt } from './job-runner.js';
import { jobProtocol } from './pools.js';
import type { EngineInfo, WorkerUsage } from './record.js';
import { checkServer } from './redis/check-server.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { beat, heartbeatMs, leave, type Heartbeat } from './redis/heartbeats.js';
import { keys, newToken } from './redis/keys.js';
import { Queues } from './redis/queues.js';
import { Slots, type Capacity } from './slots.js';
import { Tidying } from './tidy.js';

/** What a worker is told of itself. */
export interface WorkerOptions {
  /** `cpu`, or `cuda:N`. */
  device: string;
  /** Days that ended jobs are kept; null: for ever. */
  keepDays: number | null;
  /** What it takes of the machine. */
  usage: () => WorkerUsage;
  /** What its jobs share. */
  capacity: Capacity;
  labels?: Labels;
  /** In (0, 1]: those with more go first. */
  weight?: number;
  /** Of the service: package.json. */
  version?: string | null;
  /** The job protocol that it knows: pools.ts. */
  protocol?: number;
}

/** What a worker runs is told so soon: jobs that are shorter cost one sign of life together, and none is delayed by it. */
const tellMs = 25;

/** Takes the jobs of one kind of device, as many at a time as it has threads for. */
export class JobWorker {
  /** What its heartbeats tell. */
  readonly info: Heartbeat;
  readonly #address: RedisAddress;
  readonly #redis: Client;
  readonly #subscriber: Client;
  readonly #queues: Queues;
  readonly #intake: Intake;
  readonly #runner: JobRunner;
  readonly #slots: Slots;
  readonly #tidying: Tidying;
  readonly #usage: () => WorkerUsage;
  readonly #log: Logger;
  #heartbeat: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(
    address: RedisAddress,
    storage: Storage,
    {
      device,
      keepDays,
      usage,
      capacity,
      labels = {},
      weight = 1,
      version = null,
      protocol = jobProtocol,
    }: WorkerOptions,
    runAttempt: RunAttempt,
    log: Logger,
  ) {
    this.#usage = usage;
    this.#address = address;
    this.info = {
      id: newToken(),
      device,
      kind: device === 'cpu' ? 'cpu' : 'gpu',
      labels,
      weight,
      version,
      protocol,
      engine: null,
      job: null,
      jobs: [],
      ...capacity,
      pid: process.pid,
      host: hostname(),
      usage: usage(),
    };
    this.#log = log;
    this.#redis = openRedis(address, 'patient');
    this.#subscriber = openRedis(address, 'patient');
    this.#queues = new Queues(this.#redis);
    this.#slots = new Slots(this.#redis, capacity);
    this.#runner = new JobRunner(this.#redis, this.#queues, storage, this.info, this.#slots, runAttempt, log);
    this.#tidying = new Tidying(this.#redis, this.#queues, storage, keepDays, log);
    const runner = this.#runner;
    const seeing: Seeing = {
      take: (from, token) => runner.takeGiven(from, token),
      run: (id, early) => {
        this.#tellSoon();
        return runner.run(id, early);
      },
      left: () => this.#tellSoon(),
      letGo: (id) => runner.letGo(id),
    };
    this.#intake = new Intake(this.#redis, this.#queues, this.info, this.#slots, seeing, log);
  }

  /** Begins to take jobs. @throws OnecycleError `redis_unsuitable` where the server cannot be used */
  async start(): Promise<void> {
    await checkServer(this.#redis, this.#address);
    this.#subscriber.on('message', (_channel, id: string) => {
      if (id === this.info.id || id === keys.newPool) void this.#beat();
      else this.#runner.hear(id);
    });
    await this.#subscriber.subscribe(keys.control);
    await this.#beat();
    this.#heartbeat = setInterval(() => void this.#beat(), heartbeatMs);
    await this.#tidying.start();
    await this.#intake.start();
    this.#log.info({ worker: this.info.id }, 'worker is ready for jobs');
  }

  /** Tells what engine its trainers have. */
  setEngine(engine: EngineInfo): void {
    this.info.engine = engine;
    void this.#beat();
  }

  /** Takes no more jobs, puts those that run back to the queue, and closes. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#telling);
    this.#stopping = true;
    const closed = Promise.all([this.#intake.close(), this.#tidying.stop()]);
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

  /** Tells which job runs. */
  #tellSoon(): void {
    if (this.#stopping) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#say().catch((error: unknown) => this.#log.warn({ err: error }, 'no heartbeat'));
    }, tellMs);
  }

  async #say(): Promise<void> {
    this.info.usage = this.#usage();
    this.info.jobs = this.#slots.shares;
    this.info.job = this.info.jobs.at(0)?.job ?? null;
    const draining = await beat(this.#redis, this.info);
    if (draining && (await this.#intake.drain())) this.#log.info('worker takes no more jobs');
  }

  async #beat(): Promise<void> {
    try {
      await this.#say();
      await this.#intake.refresh();
      // A message on the control channel may have been lost with its connection: this asks again.
      await this.#runner.ask();
    } catch (error) {
      this.#log.warn({ err: error }, 'no heartbeat');
    }
  }
}
