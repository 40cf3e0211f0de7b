/** Webhooks and their deliveries: the scripts make deliveries as jobs change, the API's processes send them. */
import { OnecycleError } from '../../errors.js';
import type { NewWebhook } from '../../schema/webhook.js';
import { answered } from '../answered.js';
import type { Client } from '../redis/client.js';
import { keys, newToken, newWebhookId } from '../redis/keys.js';
import { answers } from '../redis/records.js';
import { placeOf, webhookFieldNames, withSecret } from './of-job.js';
import type { Delivery, DeliveryStatus, DueDelivery, StoredDelivery, StoredWebhook, Webhook } from './webhook.js';

/** What became of an attempt: `againMs` until the next one; null: it is given up. */
export type Attempted =
  | { type: 'delivered'; response: number }
  | { type: 'failed'; response: number | null; error: string; againMs: number | null };

/** Of one service. Each webhook is told of its tenant's jobs, or of the one that named it. */
export class Webhooks {
  readonly #redis: Client;

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /** `secret` is told this once, if it is not the one of the request. */
  create(request: NewWebhook, tenant: string): Promise<{ webhook: Webhook; secret: string }> {
    return answered(async () => {
      const { url, events, secret } = withSecret(request);
      const webhook: StoredWebhook = {
        id: newWebhookId(),
        object: 'webhook',
        url,
        events,
        enabled: true,
        created_at: new Date().toISOString(),
        tenant,
        secret,
      };
      await this.#redis.hset(keys.webhooks, webhook.id, JSON.stringify(webhook));
      return { webhook: shown(webhook, 0, 0), secret };
    });
  }

  /** Whose a webhook is; null: there is none. */
  tenantOf(id: string): Promise<string | null> {
    return answered(async () => (await this.#find(id))?.tenant ?? null);
  }

  /** A tenant's, the oldest first, without those of its jobs. */
  list(tenant: string): Promise<Webhook[]> {
    return answered(async () => {
      const stored = (await this.#redis.hvals(keys.webhooks)).map((json) => JSON.parse(json) as StoredWebhook);
      const own = stored.filter((each) => each.tenant === tenant);
      own.sort((a, b) => a.created_at.localeCompare(b.created_at));
      return Promise.all(own.map((each) => this.#shown(each)));
    });
  }

  /** @throws OnecycleError `webhook_not_found` */
  get(id: string): Promise<Webhook> {
    return answered(async () => this.#shown(await this.#existing(id)));
  }

  /** Its deliveries go with it. @throws OnecycleError `webhook_not_found` */
  remove(id: string): Promise<void> {
    return answered(async () => {
      await this.#existing(id);
      await this.#redis.removeWebhook(0, id);
    });
  }

  /** Sends it `webhook.test`. Returns the delivery's id. @throws OnecycleError `webhook_not_found` */
  test(id: string): Promise<Delivery> {
    return answered(async () => {
      await this.#existing(id);
      const delivery = `msg_${id}_test_${newToken()}`;
      await this.#redis.testWebhook(0, id, delivery, JSON.stringify({ webhook: id }));
      return this.#delivery(id, delivery);
    });
  }

  /** Those of a status, the latest first, `limit` at most. @throws OnecycleError `webhook_not_found` */
  deliveries(id: string, status: DeliveryStatus, limit: number): Promise<Delivery[]> {
    return answered(async () => {
      await this.#existing(id);
      const set = { pending: keys.webhookDue, delivered: keys.webhookDelivered, dead: keys.webhookDead }[status](id);
      const ids = await this.#redis.zrange(set, '0', String(limit - 1), 'REV');
      return (await Promise.all(ids.map((each) => this.#delivery(id, each).catch(gone)))).filter(
        (each) => each !== null,
      );
    });
  }

  /** Tries again what was given up; `delivery` null: all of it. Returns how many. @throws OnecycleError `webhook_not_found` */
  replay(id: string, delivery: string | null): Promise<number> {
    return answered(async () => {
      await this.#existing(id);
      return (await this.#redis.replayDeliveries(0, id, delivery ?? '')) as number;
    });
  }

  /** Takes what is due, for `leaseMs`; `busy`: how many this process sends by receiver, `atOnce` at most. */
  async take(leaseMs: number, atOnce: number, busy: ReadonlyMap<string, number>): Promise<DueDelivery[]> {
    const onTheirWay = JSON.stringify(Object.fromEntries(busy));
    const taken = (await this.#redis.takeDeliveries(0, leaseMs, atOnce, onTheirWay)) as [
      string,
      string,
      string,
      string,
    ][];
    return taken.map(([webhook, id, state, data]) => ({
      webhook: JSON.parse(webhook) as StoredWebhook,
      id,
      state: JSON.parse(state) as StoredDelivery,
      data,
    }));
  }

  /** Notes what became of an attempt. */
  async settle({ webhook, id }: DueDelivery, attempt: Attempted): Promise<void> {
    const [outcome, error, againMs] =
      attempt.type === 'delivered'
        ? ['delivered', '', 0]
        : [attempt.againMs === null ? 'dead' : 'again', attempt.error, attempt.againMs ?? 0];
    await this.#redis.settleDelivery(0, webhook.id, id, outcome, attempt.response ?? '', error, againMs);
  }

  /** The receiver wants no more: nothing is delivered any more. */
  async disable(id: string): Promise<void> {
    await this.#redis.disableWebhook(0, id);
  }

  async #find(id: string): Promise<StoredWebhook | null> {
    const json = await this.#redis.hget(...placeOf(id));
    return json === null ? null : (JSON.parse(json) as StoredWebhook);
  }

  async #existing(id: string): Promise<StoredWebhook> {
    const stored = await this.#find(id);
    if (stored === null) throw notFound(id);
    return stored;
  }

  async #shown(stored: StoredWebhook): Promise<Webhook> {
    const { id } = stored;
    const counts = this.#redis.pipeline().zcard(keys.webhookDue(id)).zcard(keys.webhookDead(id));
    const [pending, dead] = await answers<number>(counts);
    return shown(stored, pending, dead);
  }

  /** @throws OnecycleError `webhook_not_found` where it went with its webhook */
  async #delivery(webhook: string, id: string): Promise<Delivery> {
    const [json, next] = await Promise.all([
      this.#redis.hget(keys.webhookDeliveries(webhook), id),
      this.#redis.zscore(keys.webhookDue(webhook), id),
    ]);
    if (json === null) throw notFound(webhook);
    const {
      event,
      job = null,
      status,
      attempts,
      response = null,
      error = null,
      created_ms,
    } = JSON.parse(json) as StoredDelivery;
    const next_attempt_at = status === 'pending' && next !== null ? new Date(Number(next)).toISOString() : null;
    const created_at = new Date(created_ms).toISOString();
    return { id, object: 'delivery', event, job, status, attempts, response, error, created_at, next_attempt_at };
  }
}

const notFound = (id: string): OnecycleError => new OnecycleError('webhook_not_found', `There is no webhook ${id}.`);

const gone = (): null => null;

const shown = (stored: StoredWebhook, pending: number, dead: number): Webhook => {
  const { id, object, url, events, job = null, enabled, created_at } = stored;
  return { id, object, url, events, job, enabled, created_at, pending, dead };
};

/** A job's webhooks as they are stored. */
export async function webhooksOf(redis: Client, job: string): Promise<StoredWebhook[]> {
  const found = await redis.hmget(keys.record(job), ...webhookFieldNames);
  return found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as StoredWebhook]));
}

/** Whom a webhook posts to, as far as it counts how much is on its way: webhooks of jobs may be of one receiver. */
export const receiverOf = ({ id, job, tenant, url }: StoredWebhook): string =>
  job === undefined ? id : `${tenant} ${url}`;

/** Of all webhooks together, for the service's figures. */
export async function countDeliveries(redis: Client): Promise<{ pending: number; dead: number }> {
  const [ids, due, dead] = await Promise.all([
    redis.hkeys(keys.webhooks),
    redis.zrange(keys.jobWebhooksDue, '0', '-1'),
    redis.smembers(keys.jobWebhooksDead),
  ]);
  return {
    pending: await sumOf(redis, [...ids, ...due].map(keys.webhookDue)),
    dead: await sumOf(redis, [...ids, ...dead].map(keys.webhookDead)),
  };
}

/** How many members these sorted sets have together. */
async function sumOf(redis: Client, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0;
  const counts = redis.pipeline();
  for (const name of names) counts.zcard(name);
  return (await answers<number>(counts)).reduce((total, each) => total + each, 0);
}
