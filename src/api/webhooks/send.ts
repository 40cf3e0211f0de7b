/** One attempt at a delivery: signed as Standard Webhooks has it, to a checked address, following no redirect. */
import { Webhook as Signer } from 'standardwebhooks';
import { Agent, request } from 'undici';
import type { DueDelivery } from '../../jobs/webhooks/webhook.js';
import type { Addresses } from './address.js';

/** How it went: the response's status, or why there was none. */
export type Sent = { response: number; retryAfterMs: number | null } | { response: null; error: string };

/** Posts deliveries. */
export class Sender {
  readonly #addresses: Addresses;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(addresses: Addresses, timeoutMs: number) {
    this.#addresses = addresses;
    this.#timeoutMs = timeoutMs;
    // Each attempt looks its name up anew: what was checked is what is connected to.
    this.#agent = new Agent({ connect: { lookup: addresses.lookup, timeout: timeoutMs }, pipelining: 0 });
  }

  async send({ webhook: { url, secret }, id, state, data }: DueDelivery): Promise<Sent> {
    const timestamp = new Date(state.created_ms).toISOString();
    const payload = `{"type":"${state.event}","timestamp":"${timestamp}","data":${data}}`;
    const now = new Date();
    try {
      this.#addresses.checkHost(new URL(url).hostname);
      const { statusCode, headers, body } = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(this.#timeoutMs),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'onecycle-webhooks',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Signer(secret).sign(id, now, payload),
        },
        body: payload,
      });
      // What it says is nobody's business here: an attacker could read an answer that way.
      await body.dump({ limit: 16_384 }).catch(() => undefined);
      const after = Number(headers['retry-after']);
      return { response: statusCode, retryAfterMs: after > 0 ? after * 1000 : null };
    } catch (error) {
      return { response: null, error: reasonOf(error) };
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no response in time';
  return error.message !== '' ? error.message : 'code' in error ? String(error.code) : error.name;
}
