/** All jobs: posting, listing, finding one. */
import type { Http } from './http.js';
import { Job } from './job.js';
import type { JobList, JobQuery, JobRecord, JobRequest, JobUpdate } from './types.js';
import type { Streams } from './streams.js';

/** Jobs of one service. */
export class Jobs {
  readonly #http: Http;
  readonly #streams: Streams;

  /** @internal */
  constructor(http: Http, streams: Streams) {
    this.#http = http;
    this.#streams = streams;
  }

  /**
   * Posts a job. It is sent again where no answer came, and there is one job all the same: each has an
   * `Idempotency-Key`, one of yours if you give it.
   * @throws OnecycleError `invalid_spec` with the fields that are wrong
   */
  async create(spec: JobRequest, { idempotencyKey = newKey(), signal }: CreateOptions = {}): Promise<Job> {
    const params = { header: { 'idempotency-key': idempotencyKey } };
    return this.handle(await this.#http.take(this.#http.api.POST('/jobs', { body: spec, params, signal })));
  }

  /** A job by its id. @throws OnecycleError `job_not_found` */
  async get(id: string): Promise<Job> {
    return this.handle(await this.#http.take(this.#http.api.GET('/jobs/{id}', { params: { path: { id } } })));
  }

  /** A handle for a record that is known already; asks nobody. */
  handle(record: JobRecord): Job {
    return new Job(record, this.#http, this.#streams);
  }

  /** A page of jobs' records. */
  list(query: JobQuery = {}): Promise<JobList> {
    return this.#http.take(this.#http.api.GET('/jobs', { params: { query } }));
  }

  /** The records of all jobs that the query asks for, page by page as they are taken. */
  async *all(query: Omit<JobQuery, 'after'> = {}): AsyncGenerator<JobRecord> {
    let after: string | undefined;
    for (;;) {
      const { data, has_more } = await this.list({ limit: 100, ...query, after });
      yield* data;
      after = data.at(-1)?.id;
      if (!has_more || after === undefined) return;
    }
  }

  /** Changes a job's name and tags: what is left out stays, null takes away. */
  update(id: string, update: JobUpdate): Promise<JobRecord> {
    return this.#http.take(this.#http.api.PATCH('/jobs/{id}', { params: { path: { id } }, body: update }));
  }

  /** Deletes a job with all that was stored for it. @throws OnecycleError `conflict` while it runs */
  async delete(id: string): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/jobs/{id}', { params: { path: { id } } }));
  }
}

/** How a job is posted. */
export interface CreateOptions {
  /** The same key and spec again is the same job, for 24 hours. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** `crypto.randomUUID` is missing on pages that come by plain HTTP from another machine. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
