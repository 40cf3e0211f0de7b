/** A client of one onecycle service. */
import { Datasets } from './datasets.js';
import type { StreamOptions } from './frames/follow.js';
import { webSocket } from './frames/socket.js';
import { Http, type HttpOptions } from './http.js';
import { Jobs } from './jobs.js';
import { Models } from './models.js';
import { JobQueue, Keys, Schedules, Tenants, Workers } from './operations.js';
import { Streams, type Transport } from './streams.js';
import type { JobFrame } from './types.js';
import { Webhooks } from './webhooks.js';

/** How to reach a service. */
export interface OnecycleOptions extends HttpOptions {
  /**
   * How frames come. Default: by WebSocket where there is one (browsers, Node 22, Deno, Bun) and no `fetch` is given,
   * else as server-sent events. `events` helps where a proxy lets no WebSocket pass.
   */
  transport?: Transport;
}

/**
 * A client of one service, for Node, Deno, Bun and browsers.
 * @example
 * const client = new Onecycle({ url: 'http://127.0.0.1:3000' });
 * const job = await client.jobs.create({ policy, dataset, model });
 * for await (const frame of job.stream()) console.log(frame);
 */
export class Onecycle {
  readonly jobs: Jobs;
  readonly datasets: Datasets;
  readonly models: Models;
  readonly schedules: Schedules;
  readonly workers: Workers;
  readonly queue: JobQueue;
  readonly keys: Keys;
  readonly tenants: Tenants;
  readonly webhooks: Webhooks;
  readonly #http: Http;
  readonly #streams: Streams;

  constructor({ transport, ...options }: OnecycleOptions = {}) {
    this.#http = new Http(options);
    const sockets = options.fetch === undefined && webSocket() !== undefined;
    this.#streams = new Streams(this.#http, transport ?? (sockets ? 'websocket' : 'events'));
    this.jobs = new Jobs(this.#http, this.#streams);
    this.datasets = new Datasets(this.#http);
    this.models = new Models(this.#http);
    this.schedules = new Schedules(this.#http);
    this.workers = new Workers(this.#http);
    this.queue = new JobQueue(this.#http);
    this.keys = new Keys(this.#http);
    this.tenants = new Tenants(this.#http);
    this.webhooks = new Webhooks(this.#http);
  }

  /** The service's address. */
  get url(): string {
    return this.#http.url;
  }

  /** Every route as openapi.yaml has it, by openapi-fetch: `client.api.GET('/jobs/{id}', …)` gives `{data, error, response}`. */
  get api(): Http['api'] {
    return this.#http.api;
  }

  /**
   * The frames of several jobs (100 at most), each with its `job`: of one job in order, of all as they come. Ends after
   * the last one's terminal frame; comes back by itself as `job.stream` does.
   */
  streams(
    ids: readonly string[],
    {
      from = {},
      ...options
    }: StreamOptions & { /** Each job's first frame, by its `seq`. */ from?: Record<string, number> } = {},
  ): AsyncGenerator<JobFrame> {
    return this.#streams.many(
      [...new Set(ids)].map((id) => [id, from[id] ?? 0]),
      options,
    );
  }
}
