/** A worker's predictor: forked when it is first asked something, forked anew where it has died. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { childEnvironment } from '../../src/child-process.js';
import type { ChildSettings } from '../../src/config.js';
import { artifacts } from '../../src/jobs/artifacts.js';
import type { Carried, PredictionOutcome, PredictionTask } from '../../src/jobs/prediction.js';
import type { Storage } from '../../src/storage/index.js';
import type { Given } from '../protocol.js';
import { uploadedFile } from './uploaded-file.js';
import type { Load } from './load-meter.js';
import { PredictorProcess, type Question } from './predictor-process.js';

const file = fileURLToPath(new URL('../predictor/main.js', import.meta.url));

/** One that was asked nothing for so long is ended: an engine takes some hundred megabytes. */
const idleMs = 10 * 60_000;

/**
 * It computes on the processor, also where trainings have a card: there its memory would be in their way. It takes few
 * threads, so that what trains loses little.
 */
function environment(passed: readonly string[]): NodeJS.ProcessEnv {
  const threads = String(Math.max(1, Math.floor(availableParallelism() / 4)));
  return {
    ...childEnvironment(process.env, passed),
    CUDA_VISIBLE_DEVICES: '-1',
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: threads,
    OMP_NUM_THREADS: threads,
  };
}

/** Answers what is asked for predictions, one process for all. */
export class Predictor {
  readonly #storage: Storage;
  readonly #children: ChildSettings;
  readonly #log: Logger;
  #process: PredictorProcess | null = null;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(storage: Storage, children: ChildSettings, log: Logger) {
    this.#storage = storage;
    this.#children = children;
    this.#log = log;
  }

  /** What becomes of a task. Throws nothing. */
  async compute(task: PredictionTask): Promise<PredictionOutcome> {
    try {
      const question = await this.#question(task);
      if (this.#closed) throw new Error('The worker is shutting down.');
      clearTimeout(this.#idle);
      return await this.#living().ask(question);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'failed', error: { code: 'unavailable', message } };
    } finally {
      this.#endWhenIdle();
    }
  }

  /** What its process takes of the machine; null where none runs. */
  get load(): Load | null {
    return this.#process?.alive ? this.#process.load : null;
  }

  /** Ends it, at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#process?.kill();
    await this.#process?.gone;
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#process?.busy === false) this.#idle = setTimeout(() => this.#process?.kill(), idleMs).unref();
  }

  #living(): PredictorProcess {
    if (this.#process?.alive) return this.#process;
    const { passed, noNetwork } = this.#children;
    const started = new PredictorProcess(file, environment(passed), noNetwork);
    this.#log.info({ pid: started.pid }, 'predictor starts');
    void started.gone.then(() => {
      if (!this.#closed) this.#log.info({ pid: started.pid }, 'predictor ended');
    });
    return (this.#process = started);
  }

  async #question(task: PredictionTask): Promise<Question> {
    const { job, checkpoint } = task;
    const model = await this.#storage.path(artifacts.checkpoint(job, checkpoint));
    if (task.type === 'predict')
      return { type: 'predict', model, kind: task.kind, input: await this.#given(task.input) };
    const { dataset, rows, metrics } = task;
    return {
      type: 'evaluate',
      model,
      dataset,
      ...(rows && { rows: await this.#given(rows) }),
      ...('stored' in dataset && {
        uploads: [await uploadedFile(this.#storage, dataset.stored.sha256, dataset.stored.kind === 'images')],
      }),
      metrics,
    };
  }

  async #given(carried: Carried): Promise<Given> {
    return 'base64' in carried
      ? { data: Buffer.from(carried.base64, 'base64') }
      : { path: await this.#storage.path(carried.stored) };
  }
}
