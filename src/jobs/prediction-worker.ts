/** A worker's side of predictions: takes requests from their queue, several at a time, and tells what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { maxCarriedBytes, type PredictionOutcome, type PredictionRequest, type PredictionTask } from './prediction.js';
import { jobProtocol } from './pools.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { newToken } from './redis/keys.js';
import { defaultTenant } from '../schema/tenant.js';
import { tenantOfJob } from './redis/tenants.js';
import { publishAnswer, takePrediction } from './redis/predictions.js';

const givenUp = JSON.stringify({
  code: 'unavailable',
  message: 'The worker that was computing the prediction is shutting down.',
});
/** Redis has so long to pass that on. */
const partingMs = 1000;

/** As many as may go through a model at once. */
const maxAtOnce = 64;

/** Has a tenant's request computed. */
type Compute = (task: PredictionTask, tenant: string) => Promise<PredictionOutcome>;

/** Takes requests while it runs. `compute` has them computed; it throws nothing. */
export class PredictionWorker {
  readonly #blocking: Client;
  readonly #redis: Client;
  readonly #storage: Storage;
  readonly #compute: Compute;
  readonly #log: Logger;
  readonly #protocol: number;
  /** By what is asked: who hears of it. */
  readonly #atWork = new Map<Promise<void>, PredictionRequest>();
  #stopped = false;

  constructor(address: RedisAddress, storage: Storage, compute: Compute, log: Logger, protocol = jobProtocol) {
    this.#blocking = openRedis(address, 'patient');
    this.#redis = openRedis(address, 'patient');
    this.#storage = storage;
    this.#compute = compute;
    this.#log = log;
    this.#protocol = protocol;
  }

  /** Takes requests until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const request = await takePrediction(this.#blocking, this.#protocol);
        if (request !== null) this.#begin(JSON.parse(request) as PredictionRequest); // only predictions.ts writes them
        if (this.#atWork.size >= maxAtOnce) await Promise.race(this.#atWork.keys());
      } catch (error) {
        // Its connection was closed, or the server refuses for a while.
        if (this.#ended()) return;
        this.#log.warn({ err: error }, 'could not take a prediction request');
        await sleep(1000);
      }
    }
  }

  /** Takes no more. What is being computed is given up, and whoever asked hears of it, if Redis answers in time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#blocking.disconnect();
    const given = [...this.#atWork.values()].map(({ id, asker }) => this.#say(id, asker, `failed ${givenUp}`));
    await Promise.race([Promise.allSettled(given), sleep(partingMs, undefined, { ref: false })]);
    this.#redis.disconnect();
  }

  /** A method: the compiler takes a field for what it was before an await. */
  #ended(): boolean {
    return this.#stopped;
  }

  #begin(request: PredictionRequest): void {
    const work = this.#answer(request)
      .catch((error: unknown) => {
        if (!this.#stopped) this.#log.warn({ err: error }, 'a prediction could not be answered');
      })
      .finally(() => this.#atWork.delete(work));
    this.#atWork.set(work, request);
  }

  #say(id: string, asker: string, rest: string): Promise<void> {
    return publishAnswer(this.#redis, asker, `${id} ${rest}`);
  }

  async #answer({ id, asker, task }: PredictionRequest): Promise<void> {
    const tenant = (await tenantOfJob(this.#redis, task.job)) ?? defaultTenant;
    const outcome = await this.#compute(task, tenant);
    if (this.#ended()) return; // it was told so
    const say = (rest: string) => this.#say(id, asker, rest);
    if (outcome.type === 'failed') return say(`failed ${JSON.stringify(outcome.error)}`);
    if (outcome.json.length <= maxCarriedBytes) return say(`answer ${outcome.json}`);
    const stored = artifacts.prediction(`${Date.now()}-${newToken()}`);
    await this.#storage.put(stored, Buffer.from(outcome.json));
    return say(`stored ${stored}`);
  }
}
