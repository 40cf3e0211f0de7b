/** Jobs, as the API sees them. One object a process; its connections are inside. */
import { OnecycleError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { encodeFields, newRecord } from './redis/fields.js';
import { followLog } from './log/follow.js';
import type { Frame } from './frames.js';
import { liveWorkers } from './redis/heartbeats.js';
import { keys, newJobId } from './redis/keys.js';
import { readLog } from './log/read.js';
import { Queues } from './redis/queues.js';
import type { DeviceKind, JobRecord, JobType, WorkerInfo } from './record.js';
import { readPage, readRecord, type ListOptions } from './redis/records.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { settleFit } from './redis/settle.js';
import type { JobSpec, SuggestionName } from '../request/types.js';
import { Tails } from './log/tails.js';

/** Frames that a reader gets from the store at a time. */
const page = 500;

export interface NewJob {
  type: JobType;
  spec: JobSpec;
  files?: { dataset?: Uint8Array; weights?: Uint8Array };
  /** The finder that must suggest a rate before this job can run. */
  finder?: { spec: JobSpec; suggestion: SuggestionName };
  idempotency?: { key: string; bodyHash: string };
}

export class Jobs {
  readonly #redis: Client;
  readonly #queues: Queues;
  readonly #tails: Tails;
  readonly #storage: Storage;
  readonly #closing = new AbortController();

  private constructor(address: RedisAddress, storage: Storage) {
    this.#redis = openRedis(address, 'answering');
    this.#queues = new Queues(this.#redis);
    this.#tails = new Tails(address, this.#redis);
    this.#storage = storage;
  }

  /** @throws OnecycleError `unavailable` where no server answers. */
  static async connect(address: RedisAddress, storage: Storage): Promise<Jobs> {
    const jobs = new Jobs(address, storage);
    try {
      await jobs.ready();
    } catch (error) {
      await jobs.close();
      throw error;
    }
    return jobs;
  }

  /**
   * Stores a job, and its finder, at once or not at all, and queues it.
   * @returns the record; `created` is false where the idempotency key stands for an earlier job with the same body.
   * @throws OnecycleError `idempotency_mismatch`, `unavailable`
   */
  create(job: NewJob): Promise<{ record: JobRecord; created: boolean }> {
    return this.#answered(async () => {
      const earlier =
        job.idempotency && (await this.#redis.hmget(keys.idempotency(job.idempotency.key), 'job', 'body'));
      if (earlier?.[0]) return this.#repeated(job, earlier[0], earlier[1] ?? '');
      const id = newJobId();
      const finder = job.finder && newJobId();
      const kind = await this.#kind(job.spec);
      await this.#putFiles(id, job.files);
      const known = await this.#insert(job, id, finder, kind);
      if (known) {
        await this.#storage.remove(artifacts.folder(id));
        return this.#repeated(job, ...known);
      }
      // Should this process end here, a worker finds the record and queues it.
      if (finder) await this.#queues.addWithFinder(kind, id, finder);
      else await this.#queues.add(kind, id);
      return { record: await this.#existing(id), created: true };
    });
  }

  get(id: string): Promise<JobRecord | null> {
    return this.#answered(() => readRecord(this.#redis, id));
  }

  /** Newest first. @throws OnecycleError `invalid_request` where `after` is no job. */
  list(options: ListOptions): Promise<{ data: JobRecord[]; has_more: boolean }> {
    return this.#answered(async () => {
      const order = options.after === undefined ? 'inf' : await this.#redis.hget(keys.record(options.after), '_order');
      if (order === null)
        throw new OnecycleError('invalid_request', `There is no job ${options.after ?? ''} to list from.`);
      return readPage(this.#redis, options, order);
    });
  }

  /**
   * Cancels at once what does not run; what runs, its worker is asked to end, and the record says so when it has. A waiting fit's finder goes with it.
   * @throws OnecycleError `job_not_found`, `conflict` where the job has ended already.
   */
  cancel(id: string): Promise<JobRecord> {
    return this.#answered(async () => {
      const before = await this.#existing(id);
      await this.#cancel(id);
      if (before.status === 'waiting' && before.lr_find) await this.#cancel(before.lr_find.job).catch(unlessConflict);
      return this.#existing(id);
    });
  }

  /** Up to `count` stored frames from number `from` on. */
  readLog(id: string, from: number, count = 1000): Promise<Frame[]> {
    return this.#answered(() => readLog(this.#redis, this.#storage, id, from, count));
  }

  /** Stored frames from number `from` on, then those that come, each once and in order; ends after the terminal status frame. */
  follow(id: string, from: number, signal: AbortSignal): AsyncIterable<Frame> {
    return followLog(
      this.#redis,
      this.#tails,
      (next) => this.readLog(id, next, page),
      id,
      from,
      AbortSignal.any([signal, this.#closing.signal]),
    );
  }

  workers(): Promise<WorkerInfo[]> {
    return this.#answered(() => liveWorkers(this.#redis));
  }

  /** @throws OnecycleError `unavailable` where the server does not answer. */
  async ready(): Promise<void> {
    await this.#answered(() => this.#redis.ping());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tails.close();
    await this.#queues.close();
    this.#redis.disconnect();
  }

  /** Writes the records; the earlier job and its body's hash where the idempotency key is taken. */
  async #insert(
    job: NewJob,
    id: string,
    finder: string | undefined,
    kind: DeviceKind,
  ): Promise<[id: string, bodyHash: string] | null> {
    const now = new Date().toISOString();
    const fit = { ...newRecord(id, job.type, job.spec, now), _kind: kind };
    if (job.finder && finder) {
      const found = { job: finder, suggestion: job.finder.suggestion, value: null };
      Object.assign(fit, encodeFields({ lr_find: found }));
    }
    const records = [{ id, status: finder ? 'waiting' : 'queued', fields: fit }];
    if (job.finder && finder) {
      const fields = { ...newRecord(finder, 'lr_find', job.finder.spec, now), _kind: kind, _fit: id };
      records.push({ id: finder, status: 'queued', fields });
    }
    const names = [
      job.idempotency ? keys.idempotency(job.idempotency.key) : '',
      ...records.flatMap((each) => [keys.record(each.id), keys.log(each.id)]),
    ];
    const values = records.flatMap((each) => [
      each.id,
      each.status,
      Object.keys(each.fields).length,
      ...Object.entries(each.fields).flat(),
    ]);
    const known = (await this.#redis.createJobs(names.length, ...names, job.idempotency?.bodyHash ?? '', ...values)) as
      [] | [string, string];
    // A repetition of our own command finds the job that it has made.
    return known[0] && known[0] !== id ? (known as [string, string]) : null;
  }

  async #repeated(
    { idempotency }: NewJob,
    id: string,
    bodyHash: string,
  ): Promise<{ record: JobRecord; created: boolean }> {
    if (idempotency?.bodyHash !== bodyHash) {
      throw new OnecycleError(
        'idempotency_mismatch',
        `The Idempotency-Key '${idempotency?.key ?? ''}' was used with another body, for the job ${id}.`,
      );
    }
    return { record: await this.#existing(id), created: false };
  }

  async #putFiles(id: string, { dataset, weights }: NonNullable<NewJob['files']> = {}): Promise<void> {
    if (dataset) await this.#storage.put(artifacts.dataset(id), dataset);
    if (weights) await this.#storage.put(artifacts.weightsBefore(id), weights);
  }

  /** `auto` takes a GPU where a live worker has one. */
  async #kind({ device }: JobSpec): Promise<DeviceKind> {
    if (device !== 'auto') return device;
    return (await liveWorkers(this.#redis)).some(({ kind }) => kind === 'gpu') ? 'gpu' : 'cpu';
  }

  async #cancel(id: string): Promise<void> {
    const now = new Date().toISOString();
    const outcome = await this.#redis.cancelJob(2, keys.record(id), keys.log(id), now);
    if (outcome === 'missing') throw notFound(id);
    if (outcome === 'ended') throw new OnecycleError('conflict', `The job ${id} has ended already.`);
    if (outcome !== 'cancelled') return;
    const [kind, fit] = await this.#redis.hmget(keys.record(id), '_kind', '_fit');
    await this.#queues.remove(kind as DeviceKind, id);
    if (fit) await settleFit(this.#redis, fit, now);
  }

  async #existing(id: string): Promise<JobRecord> {
    const record = await readRecord(this.#redis, id);
    if (!record) throw notFound(id);
    return record;
  }

  /** Says of a server that cannot be reached that it cannot. */
  async #answered<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (
        error instanceof Error &&
        (error.name === 'MaxRetriesPerRequestError' || error.message === 'Connection is closed.')
      ) {
        throw new OnecycleError('unavailable', 'Redis does not answer.', [], { cause: error });
      }
      throw error;
    }
  }
}

const notFound = (id: string): OnecycleError => new OnecycleError('job_not_found', `There is no job ${id}.`);

function unlessConflict(error: unknown): void {
  if (!(error instanceof OnecycleError && error.code === 'conflict')) throw error;
}
