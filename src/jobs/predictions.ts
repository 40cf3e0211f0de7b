/** The API's side of predictions: asks a worker's predictor, and waits for its answer. */
import { OnecycleError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import {
  maxCarriedBytes,
  type Carried,
  type PredictionError,
  type PredictionRequest,
  type PredictionTask,
} from './prediction.js';
import { jobProtocol } from './pools.js';
import { openRedis, type Client, type RedisAddress } from './redis/client.js';
import { liveWorkers } from './redis/heartbeats.js';
import { keys, newToken } from './redis/keys.js';
import { askPrediction, forgetPrediction } from './redis/predictions.js';

/** How long an answer may take: the first from a large model needs its weights read and its steps compiled. */
const limitMs = { predict: 60_000, evaluate: 600_000 } as const;
/** How often whoever waits looks whether a worker lives. */
const lookMs = 2000;

/** What a worker has said, as it comes over the channel: `ID KIND REST`. */
type Heard = { kind: 'answer' | 'stored' | 'failed'; rest: string };

/** Asks for predictions. One object a process; its connection opens with the first question. */
export class Predictions {
  readonly #address: RedisAddress;
  readonly #redis: Client;
  readonly #storage: Storage;
  readonly #protocol: number;
  readonly #asker = newToken();
  readonly #waiting = new Map<string, (heard: Heard) => void>();
  #subscriber: Promise<Client> | null = null;

  /** `protocol`: what a worker must know to answer (pools.ts). */
  constructor(address: RedisAddress, redis: Client, storage: Storage, protocol = jobProtocol) {
    this.#address = address;
    this.#redis = redis;
    this.#storage = storage;
    this.#protocol = protocol;
  }

  /**
   * What a predictor answers, as JSON.
   * @throws OnecycleError `unavailable` where none lives or none answers in time; else what it failed with
   */
  async ask(task: PredictionTask): Promise<string> {
    await this.#workersLive();
    await (this.#subscriber ??= this.#subscribe());
    const id = newToken();
    const request: PredictionRequest = { id, asker: this.#asker, task };
    const heard = this.#answerTo(id, limitMs[task.type]);
    try {
      await askPrediction(this.#redis, id, JSON.stringify(request), limitMs[task.type], this.#protocol);
      return await this.#read(await heard.promise);
    } finally {
      heard.stop();
    }
  }

  /** Bytes on their way to a predictor: `forget` is to be called once it has answered. */
  async carry(bytes: Uint8Array): Promise<{ carried: Carried; forget: () => Promise<void> }> {
    if (bytes.byteLength <= maxCarriedBytes)
      return { carried: { base64: Buffer.from(bytes).toString('base64') }, forget: () => Promise.resolve() };
    const stored = artifacts.prediction(`${Date.now()}-${newToken()}`);
    await this.#storage.put(stored, bytes);
    return { carried: { stored }, forget: () => this.#forget(stored) };
  }

  /** Ends its connection; whoever waits is told so. */
  async close(): Promise<void> {
    for (const hear of this.#waiting.values()) hear(failed('unavailable', 'The service is shutting down.'));
    (await this.#subscriber?.catch(() => null))?.disconnect();
  }

  async #workersLive(): Promise<void> {
    const workers = await liveWorkers(this.#redis);
    if (workers.length === 0) throw new OnecycleError('unavailable', 'There is no live worker to predict with.');
    if (!workers.some(({ protocol }) => protocol >= this.#protocol))
      throw new OnecycleError(
        'unavailable',
        `No live worker knows job protocol ${this.#protocol}, which this API predicts by: upgrade the workers.`,
      );
  }

  async #subscribe(): Promise<Client> {
    const subscriber = openRedis(this.#address, 'patient');
    subscriber.on('message', (_channel: string, text: string) => {
      const [, id = '', kind = '', rest = ''] = /^(\S+) (\S+) (.*)$/s.exec(text) ?? [];
      this.#waiting.get(id)?.({ kind: kind as Heard['kind'], rest }); // only prediction-worker.ts says it
    });
    try {
      await subscriber.subscribe(keys.predicted(this.#asker));
      return subscriber;
    } catch (error) {
      this.#subscriber = null;
      subscriber.disconnect();
      throw error;
    }
  }

  /** Settles with the answer, or with why there will be none. */
  #answerTo(id: string, ms: number): { promise: Promise<Heard>; stop: () => void } {
    let stop: () => void = () => undefined;
    const promise = new Promise<Heard>((resolve) => {
      const late = setTimeout(() => resolve(failed('unavailable', `No predictor answered within ${ms / 1000} s.`)), ms);
      const look = setInterval(() => {
        this.#workersLive().catch(() =>
          resolve(failed('unavailable', 'The worker that was computing the prediction has ended.')),
        );
      }, lookMs);
      this.#waiting.set(id, resolve);
      stop = () => {
        clearTimeout(late);
        clearInterval(look);
        this.#waiting.delete(id);
        forgetPrediction(this.#redis, id).catch(() => undefined); // it expires by itself
      };
    });
    return { promise, stop: () => stop() };
  }

  /** What could not be removed is swept later: sweep-predictions.ts. */
  async #forget(stored: string): Promise<void> {
    await this.#storage.remove(stored).catch(() => undefined);
  }

  async #read({ kind, rest }: Heard): Promise<string> {
    if (kind === 'answer') return rest;
    if (kind === 'stored') {
      const json = (await this.#storage.get(rest)).toString();
      await this.#forget(rest);
      return json;
    }
    const { code, message, problems } = JSON.parse(rest) as PredictionError;
    throw new OnecycleError(code, message, problems);
  }
}

const failed = (code: PredictionError['code'], message: string): Heard => ({
  kind: 'failed',
  rest: JSON.stringify({ code, message }),
});
