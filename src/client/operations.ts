/** Schedules, workers, the queue, keys and tenants. */
import type { Http } from './http.js';
import type { ApiKey, MadeKey, NewKey, Preview, PreviewRequest, Queue, Tenant, TenantLimits, Worker } from './types.js';

/** What policies would do. */
export class Schedules {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** The hypers that a policy would record; nothing trains. */
  preview(body: PreviewRequest, { signal }: { signal?: AbortSignal } = {}): Promise<Preview> {
    return this.#http.take(this.#http.api.POST('/schedules/preview', { body, signal }));
  }
}

/** Processes that train. */
export class Workers {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** Those that live. */
  async list(): Promise<Worker[]> {
    return (await this.#http.take(this.#http.api.GET('/workers'))).data;
  }

  /** It takes no more jobs, and finishes the one that it has. */
  drain(id: string): Promise<Worker> {
    return this.#http.take(this.#http.api.POST('/workers/{id}/drain', { params: { path: { id } } }));
  }
}

/** Who waits for a worker. */
export class JobQueue {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** How many wait and run, and who waits, in the order in which they will run. */
  get(query: { limit?: number; after?: number } = {}): Promise<Queue> {
    return this.#http.take(this.#http.api.GET('/queue', { params: { query } }));
  }

  /** No worker takes a job any more. */
  pause(): Promise<Queue> {
    return this.#http.take(this.#http.api.POST('/queue/pause'));
  }

  /** Workers take jobs again. */
  resume(): Promise<Queue> {
    return this.#http.take(this.#http.api.POST('/queue/resume'));
  }
}

/** Who may use the service. Needs a key with the scope `admin`, where any is needed. */
export class Keys {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** Makes one; `key` of the answer is its secret, which is told this once. */
  create(body: NewKey): Promise<MadeKey> {
    return this.#http.take(this.#http.api.POST('/keys', { body }));
  }

  /** Those that were made. */
  async list(): Promise<ApiKey[]> {
    return (await this.#http.take(this.#http.api.GET('/keys'))).data;
  }

  /** Within a second it works nowhere. */
  async revoke(id: string): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/keys/{id}', { params: { path: { id } } }));
  }
}

/** Whose jobs, data sets and models are kept apart. Needs a key with the scope `admin`, where any is needed. */
export class Tenants {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** All of them for a key of the default tenant, else its own. */
  async list(): Promise<Tenant[]> {
    return (await this.#http.take(this.#http.api.GET('/tenants'))).data;
  }

  /** What a tenant may take, and takes. */
  get(name: string): Promise<Tenant> {
    return this.#http.take(this.#http.api.GET('/tenants/{name}', { params: { path: { name } } }));
  }

  /** Sets what it may take; what is left out is as the service is configured. */
  set(name: string, limits: TenantLimits): Promise<Tenant> {
    return this.#http.take(this.#http.api.PUT('/tenants/{name}', { params: { path: { name } }, body: limits }));
  }
}
