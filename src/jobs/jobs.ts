/** Jobs, as the API sees them. One object per process; its connections are inside. */
import { defaultLimits, type JobLimits } from '../config.js';
import { OnecycleError } from '../errors.js';
import { defaultTenant } from '../schema/tenant.js';
import type { Storage } from '../storage/storage.js';
import { Access } from './access/access.js';
import { answered } from './answered.js';
import { cancelJob, notFound } from './cancel.js';
import { createJob, nobody, type PostedJob, type Poster } from './create.js';
import { Datasets } from './datasets/datasets.js';
import type { SourceJob, StoredModel } from '../request/spec.js';
import type { PostedModelRecord } from './model-record.js';
import { addModel, existingModel, listModels, modelForJob, removeModel, tenantOfModel } from './models.js';
import type { Checkpoint } from './checkpoint.js';
import { askForCheckpoint, findCheckpoint, noCheckpoint } from './checkpoints.js';
import type { StoredFrame } from './frames.js';
import { followedPage, followLog } from './log/follow.js';
import { pagesBack, pagesOf, type PageSize } from './log/pages.js';
import { readLog } from './log/read.js';
import { SharedPages } from './log/shared-pages.js';
import { StoredLogs } from './log/stored-logs.js';
import { Tails } from './log/tails.js';
import { finishJob } from './finish.js';
import { pauseJob, resumeJob } from './pause.js';
import { removeJob } from './remove.js';
import { retryOf } from './retry.js';
import type { ListOptions } from './list-query.js';
import type { Carried, PredictionTask } from './prediction.js';
import { Predictions } from './predictions.js';
import { queueOf, withoutItsWorker } from './queue-reason.js';
import type { Owner } from './quota.js';
import type { Demand, DemandQuery, DeviceKind, JobRecord, QueuePage, WorkerInfo } from './record.js';
import { readCheckpoints } from './redis/checkpoints.js';
import { openRedis, timeCommands, type Client, type RedisAddress } from './redis/client.js';
import { readFigures } from './redis/figures.js';
import { Foresight } from './redis/foresight.js';
import { demandFor, readDemand } from './redis/demand.js';
import type { ServiceFigures } from './figures.js';
import { checkServer, nameOf } from './redis/check-server.js';
import { drainWorker, liveWorkers, unheardJobs } from './redis/heartbeats.js';
import { keys } from './redis/keys.js';
import { readQueue, type QueueOptions } from './redis/queue-page.js';
import { Queues } from './redis/queues.js';
import { Indexes } from './redis/indexes.js';
import { readPage } from './redis/list.js';
import { answers, readPools, readRecord } from './redis/records.js';
import { tenantOfJob } from './redis/tenants.js';
import { Tenants } from './tenants.js';
import { Pushes } from './pushes/pushes.js';
import { withNewSecrets, withSecret } from './webhooks/of-job.js';
import { Webhooks } from './webhooks/webhooks.js';
import { updateJob, type JobChange } from './update.js';

/** What curves are read by: about a megabyte at once. */
const curvePages: PageSize = { characters: 1_000_000, frames: 1000 };

/** Creates, reads, lists, cancels, deletes and follows jobs. */
export class Jobs {
  readonly #redis: Client;
  readonly #queues: Queues;
  readonly #foresight: Foresight;
  readonly #indexes: Indexes;
  readonly #tails: Tails;
  readonly #storage: Storage;
  readonly #logs: StoredLogs;
  readonly #pages: SharedPages;
  readonly #limits: JobLimits;
  readonly #predictions: Predictions;
  readonly #closing = new AbortController();
  /** Those that were uploaded. */
  readonly datasets: Datasets;
  /** Who may use the service. */
  readonly access: Access;
  /** Whose things are kept apart. */
  readonly tenants: Tenants;
  /** How jobs are bounded. */
  readonly bounds: Pick<JobLimits, 'maxIterations' | 'timeoutSeconds'>;
  /** Who is told of jobs. */
  readonly webhooks: Webhooks;
  /** Which jobs are pushed on, and how far. */
  readonly pushes: Pushes;

  private constructor(address: RedisAddress, storage: Storage, limits: JobLimits, apiKeys: readonly string[]) {
    this.#redis = openRedis(address, 'answering');
    this.#queues = new Queues(this.#redis);
    this.#foresight = new Foresight(this.#redis);
    this.#indexes = new Indexes(this.#redis);
    this.#tails = new Tails(address, this.#redis);
    this.#storage = storage;
    this.#logs = new StoredLogs(storage);
    this.#pages = new SharedPages((id, from, count) => this.readLog(id, from, count), followedPage);
    this.#limits = limits;
    this.bounds = limits;
    this.#predictions = new Predictions(address, this.#redis, storage);
    this.datasets = new Datasets(this.#redis, storage);
    this.access = new Access(this.#redis, apiKeys, limits);
    this.tenants = new Tenants(this.#redis, limits.tenant, () => this.access.look());
    this.webhooks = new Webhooks(this.#redis);
    this.pushes = new Pushes(this.#redis);
  }

  /**
   * `apiKeys`: those of the configuration.
   * @throws OnecycleError `unavailable` where no server answers, `redis_unsuitable` where it cannot be used
   */
  static async connect(
    address: RedisAddress,
    storage: Storage,
    limits: JobLimits = defaultLimits,
    apiKeys: readonly string[] = [],
  ): Promise<Jobs> {
    const jobs = new Jobs(address, storage, limits, apiKeys);
    try {
      await jobs.ready();
      await answered(() => checkServer(jobs.#redis, address));
      jobs.#indexes.start();
    } catch (error) {
      await jobs.close();
      throw isUnavailable(error)
        ? new OnecycleError('unavailable', `${error.message} Its address: ${nameOf(address)}`, [], { cause: error })
        : error;
    }
    return jobs;
  }

  /**
   * Stores a job, and its finder, at once or not at all, and queues it.
   * @returns the record, in which a generated secret of a webhook is told this once; `created` is false where the
   * idempotency key stands for an earlier job with the same body.
   * @throws OnecycleError `idempotency_mismatch`, `queue_full`, `quota_reached`, `unavailable`
   */
  create(
    { webhooks = [], ...job }: PostedJob,
    poster: Poster = nobody,
  ): Promise<{ record: JobRecord; created: boolean }> {
    return answered(async () => {
      const stores = {
        redis: this.#redis,
        queues: this.#queues,
        foresight: this.#foresight,
        storage: this.#storage,
        limits: this.#limits,
      };
      const signed = webhooks.map(withSecret);
      const creation = await createJob(stores, { ...job, webhooks: signed }, poster);
      if (!creation.created) return { record: await this.existing(creation.id), created: false };
      const [[record]] = await Promise.all([this.#withQueue([creation.record]), creation.queued]);
      return { record: withNewSecrets(record, webhooks, signed), created: true };
    });
  }

  /** The job's record; null where there is no such job. */
  get(id: string): Promise<JobRecord | null> {
    return answered(async () => {
      const record = await readRecord(this.#redis, id);
      return record && (await this.#withQueue([record]))[0];
    });
  }

  /** The job's record; with a tenant, only if it is that one's. @throws OnecycleError `job_not_found` */
  async existing(id: string, tenant?: string): Promise<JobRecord> {
    const isThere = tenant === undefined || (await this.tenantOf(id)) === tenant;
    const record = isThere ? await this.get(id) : null;
    if (!record) throw notFound(id);
    return record;
  }

  /** A page of a tenant's jobs, newest first unless `sort` says otherwise. @throws OnecycleError `invalid_request` where `after` is no job. */
  list(
    options: Omit<ListOptions, 'tenant'>,
    tenant = defaultTenant,
  ): Promise<{ data: JobRecord[]; has_more: boolean }> {
    return answered(async () => {
      const { data, has_more } = await readPage(this.#redis, this.#indexes, { ...options, tenant });
      return { data: await this.#withQueue(data), has_more };
    });
  }

  /** Changes a job's name and tags, in any state. @throws OnecycleError `job_not_found` */
  update(id: string, change: JobChange): Promise<JobRecord> {
    return answered(async () => {
      await updateJob(this.#redis, id, change);
      return this.existing(id);
    });
  }

  /**
   * Cancels at once what does not run; what runs, its worker is asked to end, and the record says so when it has. A
   * waiting fit's finder goes with it.
   * @throws OnecycleError `job_not_found`, `conflict` where the job has ended already.
   */
  cancel(id: string): Promise<JobRecord> {
    return answered(async () => {
      await cancelJob(this.#redis, this.#queues, await this.existing(id));
      return this.existing(id);
    });
  }

  /**
   * Deletes a job that does not run, with all that was stored for it; a fit's finder goes with it. Checkpoints that
   * other jobs go on from stay for them.
   * @throws OnecycleError `job_not_found`, `conflict` where it runs, waits for its finder, or is that finder
   */
  remove(id: string): Promise<void> {
    return answered(() => removeJob({ redis: this.#redis, queues: this.#queues, storage: this.#storage }, id));
  }

  /** Takes the job's device away until `resume`. @throws OnecycleError `job_not_found`, `conflict` */
  pause(id: string): Promise<JobRecord> {
    return answered(async () => {
      await pauseJob(this.#redis, this.#queues, id);
      return this.existing(id);
    });
  }

  /**
   * Has a running fit leave its schedule, and anneal to zero over so many epochs.
   * @throws OnecycleError `job_not_found`, `conflict` where it does not run, or finishes already
   */
  finish(id: string, cooldown: number): Promise<JobRecord> {
    return answered(async () => {
      await finishJob(this.#redis, await this.existing(id), cooldown);
      return this.existing(id);
    });
  }

  /** Queues a paused job. @throws OnecycleError `job_not_found`, `conflict` where it is not paused */
  resume(id: string): Promise<JobRecord> {
    return answered(async () => {
      await resumeJob(this.#redis, this.#queues, id);
      return this.existing(id);
    });
  }

  /**
   * Does a failed or cancelled job again, as a new one, from its last checkpoint. Returns the new job's record.
   * @throws OnecycleError `job_not_found`, `conflict` in any other status
   */
  async retry(id: string, poster: Poster = nobody): Promise<JobRecord> {
    const job = await answered(async () => retryOf(this.#redis, this.#storage, await this.existing(id)));
    return (await this.create(job, poster)).record;
  }

  /** In the order in which they were made. @throws OnecycleError `job_not_found` */
  checkpoints(id: string): Promise<Checkpoint[]> {
    return answered(async () => readCheckpoints(this.#redis, (await this.existing(id)).id));
  }

  /** By id or name, or `last`, or `best`. @throws OnecycleError `job_not_found`, `checkpoint_not_found` */
  checkpoint(id: string, which: string): Promise<Checkpoint> {
    return answered(async () => {
      const found = await findCheckpoint(this.#redis, (await this.existing(id)).id, which);
      if (!found) throw noCheckpoint(id, which);
      return found;
    });
  }

  /**
   * Asks a running job for a checkpoint.
   * @throws OnecycleError `job_not_found`, `conflict` where the job does not run, or the name is taken
   */
  askForCheckpoint(id: string, name: string): Promise<JobRecord> {
    return answered(async () => {
      await askForCheckpoint(this.#redis, id, name);
      return this.existing(id);
    });
  }

  /** Whose a job is; null where there is no such job. */
  tenantOf(id: string): Promise<string | null> {
    return answered(() => tenantOfJob(this.#redis, id));
  }

  /** The tenant's job that a request continues from, with the checkpoint that it means; null where there is no such job. */
  source(
    { job, checkpoint = 'last' }: { job: string; checkpoint?: string },
    tenant: string,
  ): Promise<SourceJob | null> {
    return answered(async () => {
      if ((await tenantOfJob(this.#redis, job)) !== tenant) return null;
      const record = await readRecord(this.#redis, job);
      const found = record && (await findCheckpoint(this.#redis, job, checkpoint));
      return record && { ...record, checkpoint: found?.id ?? null };
    });
  }

  /** Takes a model's file in; `created` is false where the same is there already. @throws OnecycleError `invalid_model` */
  addModel(upload: Parameters<typeof addModel>[2], owner: Owner): ReturnType<typeof addModel> {
    return answered(() => addModel(this.#redis, this.#storage, upload, owner));
  }

  /** A tenant's posted models, newest first. */
  models(tenant: string): Promise<PostedModelRecord[]> {
    return answered(() => listModels(this.#redis, tenant));
  }

  /** Whose a model is; null where there is none. */
  tenantOfModel(id: string): Promise<string | null> {
    return answered(() => tenantOfModel(this.#redis, id));
  }

  /** @throws OnecycleError `model_not_found` */
  model(id: string): Promise<PostedModelRecord> {
    return answered(() => existingModel(this.#redis, id));
  }

  /** A tenant's model as a request looks at it; null where there is none that can be used. */
  modelForJob(id: string, tenant: string): Promise<StoredModel | null> {
    return answered(() => modelForJob(this.#redis, id, tenant));
  }

  /** @throws OnecycleError `model_not_found`, `model_in_use` */
  removeModel(id: string): Promise<void> {
    return answered(() => removeModel(this.#redis, this.#storage, id));
  }

  /** Up to `count` stored frames from number `from` on. */
  readLog(id: string, from: number, count = 1000): Promise<StoredFrame[]> {
    return answered(() => readLog(this.#redis, this.#logs, id, from, count));
  }

  /** What is stored of a job's log from frame `from` on, some frames at a time: about a megabyte. */
  logPages(id: string, from: number): AsyncIterable<StoredFrame[]> {
    return pagesOf((next, count) => this.readLog(id, next, count), from, curvePages);
  }

  /** The same pages from the last frame that is stored by now back to frame `from`; each has its frames in order. */
  async *logPagesBack(id: string, from: number): AsyncGenerator<StoredFrame[]> {
    yield* pagesBack((next, count) => this.readLog(id, next, count), from, await this.frameCount(id), curvePages);
  }

  /** How many frames a job's log has by now; 0 where there is no such job. */
  frameCount(id: string): Promise<number> {
    return answered(async () => Number(await this.#redis.hget(keys.record(id), '_seq')));
  }

  /**
   * The number of a frame that all that the log has of an iteration, and of later ones, follows; 0 where nothing later
   * is known.
   */
  async seqBefore(id: string, iteration: number): Promise<number> {
    return iteration === 0 ? 0 : this.#logs.before(id, iteration);
  }

  /**
   * Stored frames from number `from` on, then those that come, each once and in order; ends after the terminal status
   * frame, or when the signal is aborted.
   */
  follow(id: string, from: number, signal: AbortSignal): AsyncIterable<StoredFrame> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    return followLog(this.#redis, this.#tails, (next, count) => this.#pages.read(id, next, count), id, from, ending);
  }

  /**
   * What a worker's predictor answers, as JSON. `bytes` go along: a task names them.
   * @throws OnecycleError `unavailable` where none lives, or none answers in time; else what it failed with
   */
  predict(bytes: Uint8Array | null, task: (carried: Carried | null) => PredictionTask): Promise<string> {
    return answered(async () => {
      if (bytes === null) return this.#predictions.ask(task(null));
      const { carried, forget } = await this.#predictions.carry(bytes);
      return this.#predictions.ask(task(carried)).finally(forget);
    });
  }

  /** The workers that live; with a tenant, of the jobs that they run only that one's. */
  workers(tenant?: string): Promise<WorkerInfo[]> {
    return answered(async () => {
      const workers = await liveWorkers(this.#redis);
      if (tenant === undefined) return workers;
      const isOwn = async (id: string): Promise<boolean> => (await tenantOfJob(this.#redis, id)) === tenant;
      return Promise.all(
        workers.map(async (worker) => {
          const own = await Promise.all(worker.jobs.map(({ job }) => isOwn(job)));
          const jobs = worker.jobs.filter((_, i) => own[i]);
          return { ...worker, job: jobs.at(0)?.job ?? null, jobs };
        }),
      );
    });
  }

  /**
   * The memory of the worker that has the most, of those that may run a job for such a device; null where none lives,
   * or the memory of one is not known.
   */
  async largestMemory(device: 'auto' | DeviceKind): Promise<number | null> {
    const able = (await this.workers()).filter(({ kind }) => device === 'auto' || kind === device);
    const bytes = able.map(({ kind, usage, gpu_memory_bytes }) =>
      kind === 'cpu' ? usage.memory_total_bytes : (gpu_memory_bytes ?? usage.gpu?.memory_total_bytes ?? Infinity),
    );
    const largest = Math.max(...bytes);
    return Number.isFinite(largest) ? largest : null;
  }

  /**
   * A worker takes no more jobs, from now on; it finishes the one that it has, and lives.
   * @throws OnecycleError `worker_not_found`
   */
  drain(worker: string): Promise<WorkerInfo> {
    return answered(async () => {
      const drained = await drainWorker(this.#redis, worker);
      if (!drained) throw new OnecycleError('worker_not_found', `There is no live worker ${worker}.`);
      return drained;
    });
  }

  /** The queued jobs in the order in which they will run, from a position on. */
  queue(options: QueueOptions): Promise<QueuePage> {
    return answered(() => readQueue(this.#redis, this.#queues, options));
  }

  /** What there is to do for workers of a kind and with some labels, and how many there are. */
  demand(query: DemandQuery): Promise<Demand> {
    return answered(async () => {
      const [lines, workers] = await Promise.all([this.#queues.lines(), liveWorkers(this.#redis)]);
      return demandFor(await readDemand(this.#redis, lines, workers), workers, query);
    });
  }

  /** No worker takes a job until `resumeQueue`; what runs goes on. */
  pauseQueue(): Promise<void> {
    return answered(() => this.#queues.pause());
  }

  /** Workers take jobs again. */
  resumeQueue(): Promise<void> {
    return answered(() => this.#queues.resume());
  }

  /** What the service does, and has done: the same from every API process. */
  figures(): Promise<ServiceFigures> {
    return answered(() => readFigures(this.#redis, this.#queues, this.#storage));
  }

  /** Frames that are stored and not yet read by this process, of the followed log where they are most. */
  behind(): Promise<number> {
    return answered(async () => {
      const followed = this.#tails.next;
      const reads = this.#redis.pipeline();
      for (const [id] of followed) reads.hget(keys.record(id), '_seq');
      const stored = followed.length === 0 ? [] : await answers<string | null>(reads);
      return Math.max(0, ...followed.map(([, next], i) => Number(stored[i] ?? 0) - next));
    });
  }

  /** Has each command to Redis told, with the seconds that it took and whether it was answered. */
  onCommand(hear: (seconds: number, answered: boolean) => void): void {
    timeCommands(this.#redis, hear);
  }

  /** @throws OnecycleError `unavailable` where the server does not answer, `disk_full` where nothing can be stored */
  async ready(): Promise<void> {
    await answered(() => this.#redis.ping());
    await this.#storage.checkRoom();
  }

  /** Ends what is followed, and the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#indexes.close();
    this.access.streams.close();
    await this.#predictions.close();
    await this.#tails.close();
    await this.#queues.close();
    this.#redis.disconnect();
  }

  /**
   * Adds to queued jobs why they can't begin, as things are now. One whose worker has died is queued as well: its
   * record can't say so before another worker takes it, or while Redis refuses writes.
   */
  async #withQueue(records: JobRecord[]): Promise<JobRecord[]> {
    const running = records.flatMap((record) => (record.status === 'running' ? [record.id] : []));
    const unheard = await unheardJobs(this.#redis, running);
    return (await this.#withReasons(records)).map((record) =>
      unheard.has(record.id) ? withoutItsWorker(record) : record,
    );
  }

  async #withReasons(records: JobRecord[]): Promise<JobRecord[]> {
    const queued = records.flatMap((record) => (record.status === 'queued' ? [record.id] : []));
    if (queued.length === 0) return records;
    const [workers, paused, places, pools] = await Promise.all([
      liveWorkers(this.#redis),
      this.#queues.paused(),
      this.#redis.zmscore(keys.aside, ...queued),
      readPools(this.#redis, queued),
    ]);
    const aside = new Set(queued.filter((_, i) => places[i] !== null));
    return records.map((record) => {
      const queue = queueOf(record, { workers, paused, aside, pools });
      const { id, object, type, status, ...rest } = record;
      return queue ? { id, object, type, status, queue, ...rest } : record;
    });
  }
}

const isUnavailable = (error: unknown): error is OnecycleError =>
  error instanceof OnecycleError && error.code === 'unavailable';
