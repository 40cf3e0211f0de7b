/** Webhooks: who is told of jobs, and what became of that. */
import type { Http } from './http.js';
import type { Delivery, DeliveryQuery, MadeWebhook, NewWebhook, Webhook } from './types.js';

/**
 * Webhooks of one service. Those that a job names stand in its record: all but `list` takes their ids as well. Needs a
 * key with the scope `jobs`, or `read` to look, where any is needed.
 */
export class Webhooks {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** Makes one; `secret` of the answer is told this once. @throws OnecycleError `invalid_spec` for a private address */
  create(body: NewWebhook): Promise<MadeWebhook> {
    return this.#http.take(this.#http.api.POST('/webhooks', { body }));
  }

  /** Those that are told of all jobs, the oldest first. */
  async list(): Promise<Webhook[]> {
    return (await this.#http.take(this.#http.api.GET('/webhooks'))).data;
  }

  /** One, with how many of its deliveries wait and were given up. @throws OnecycleError `webhook_not_found` */
  get(id: string): Promise<Webhook> {
    return this.#http.take(this.#http.api.GET('/webhooks/{id}', { params: { path: { id } } }));
  }

  /** What was not delivered yet never is. */
  async delete(id: string): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/webhooks/{id}', { params: { path: { id } } }));
  }

  /** Sends it an event `webhook.test`. */
  test(id: string): Promise<Delivery> {
    return this.#http.take(this.#http.api.POST('/webhooks/{id}/test', { params: { path: { id } } }));
  }

  /** Those that were given up, or of another `status`, the latest first. */
  async deliveries(id: string, query: DeliveryQuery = {}): Promise<Delivery[]> {
    const { data } = await this.#http.take(
      this.#http.api.GET('/webhooks/{id}/deliveries', { params: { path: { id }, query } }),
    );
    return data;
  }

  /** Tries again what was given up, all of it unless a delivery is named. Returns how many. */
  async replay(id: string, delivery?: string): Promise<number> {
    const { replayed } = await this.#http.take(
      delivery === undefined
        ? this.#http.api.POST('/webhooks/{id}/replay', { params: { path: { id } } })
        : this.#http.api.POST('/webhooks/{id}/deliveries/{delivery}/replay', { params: { path: { id, delivery } } }),
    );
    return replayed;
  }
}
