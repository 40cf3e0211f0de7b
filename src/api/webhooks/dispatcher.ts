/**
 * Sends what is due. Every API process does: a delivery is taken for as long as an attempt may last, so that another
 * process goes on with it where this one dies. At least once, then, with the same id.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { DueDelivery } from '../../jobs/webhooks/webhook.js';
import { receiverOf, type Attempted, type Webhooks } from '../../jobs/webhooks/webhooks.js';
import type { Sender } from './send.js';

const [second, minute, hour] = [1000, 60_000, 3_600_000];

/** How deliveries are made. */
export interface DispatcherSettings {
  /** Beside public addresses. */
  allowed: readonly string[];
  /** For how long a name is looked up when a webhook is made. */
  lookupMs?: number;
  /** After each failed attempt, how long until the next one; after the last one it is given up. */
  retryMs?: readonly number[];
  timeoutMs?: number;
  /** Between two looks at what is due. */
  pollMs?: number;
}

/** 72 hours in all. */
export const defaultRetryMs = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  ...[1, 2, 4, 8, 12, 20, 24].map((hours) => hours * hour),
];

/** On their way to one receiver at a time: one that is slow keeps no other waiting. */
const atOnce = 4;
const httpGone = 410;

/** Sends until it is closed. */
export class Dispatcher {
  readonly #webhooks: Webhooks;
  readonly #allowed: readonly string[];
  #sender: Promise<Sender> | null = null;
  readonly #log: FastifyBaseLogger;
  readonly #retryMs: readonly number[];
  readonly #timeoutMs: number;
  readonly #pollMs: number;
  readonly #busy = new Map<string, number>();
  readonly #closing = new AbortController();
  #running: Promise<void>;

  constructor(
    webhooks: Webhooks,
    { allowed, retryMs = defaultRetryMs, timeoutMs = 15_000, pollMs = 500 }: DispatcherSettings,
    log: FastifyBaseLogger,
  ) {
    this.#webhooks = webhooks;
    this.#log = log;
    this.#retryMs = retryMs;
    this.#timeoutMs = timeoutMs;
    this.#pollMs = pollMs;
    this.#allowed = allowed;
    this.#running = this.#run();
  }

  /** What is on its way is tried again by another process, or after a restart. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await (await this.#sender)?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const due = await this.#webhooks.take(2 * this.#timeoutMs, atOnce, this.#busy);
        for (const delivery of due) void this.#deliver(delivery);
      } catch (error) {
        this.#log.debug({ err: error }, 'could not look which webhooks are due');
      }
      await sleep(this.#pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #deliver(delivery: DueDelivery): Promise<void> {
    const { id } = delivery.webhook;
    const receiver = receiverOf(delivery.webhook);
    this.#busy.set(receiver, (this.#busy.get(receiver) ?? 0) + 1);
    try {
      const attempted = await this.#attempt(delivery);
      if (this.#closing.signal.aborted && attempted.type === 'failed') return; // it was cut off
      await this.#webhooks.settle(delivery, attempted);
    } catch (error) {
      this.#log.warn({ webhook: id, delivery: delivery.id, err: error }, 'a delivery could not be noted');
    } finally {
      const others = (this.#busy.get(receiver) ?? 1) - 1;
      if (others > 0) this.#busy.set(receiver, others);
      else this.#busy.delete(receiver);
    }
  }

  /** Loaded with the first delivery: most services have none. */
  async #load(): Promise<Sender> {
    const [{ Addresses }, { Sender }] = await Promise.all([import('./address.js'), import('./send.js')]);
    return new Sender(new Addresses(this.#allowed), this.#timeoutMs);
  }

  async #attempt(delivery: DueDelivery): Promise<Attempted> {
    this.#sender ??= this.#load();
    const sent = await (await this.#sender).send(delivery);
    const { response } = sent;
    if (response !== null && response >= 200 && response < 300) return { type: 'delivered', response };
    if (response === httpGone) await this.#webhooks.disable(delivery.webhook.id);
    const next = response === httpGone ? undefined : this.#retryMs[delivery.state.attempts];
    const error = sent.response === null ? sent.error : whyNot(sent.response);
    const wait = sent.response === null ? null : sent.retryAfterMs;
    const againMs = next === undefined ? null : jittered(Math.max(next, Math.min(wait ?? 0, hour)));
    const facts = { webhook: delivery.webhook.id, delivery: delivery.id, response, error, again_in_ms: againMs };
    this.#log[againMs === null ? 'warn' : 'info'](facts, againMs === null ? 'delivery given up' : 'delivery failed');
    return { type: 'failed', response, error, againMs };
  }
}

const whyNot = (response: number): string =>
  response >= 300 && response < 400 ? 'redirects are not followed' : `it answered ${response}`;

/** So that receivers that come back are not met by all at once. */
const jittered = (ms: number): number => Math.round(ms * (0.9 + 0.2 * Math.random()));
