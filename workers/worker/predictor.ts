/** A worker's predictor: forked when it is first asked something, forked anew where it has died. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { childEnvironment, mostStarts } from '../../src/child-process.js';
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

/** So many tenants have one at a time; for another, the one that was asked least recently is ended. */
const mostProcesses = 3;

/** Answers what is asked for predictions, one process a tenant: no model's data get into another tenant's. */
export class Predictor {
  readonly #storage: Storage;
  readonly #children: ChildSettings;
  readonly #log: Logger;
  /** By tenant, the one that was asked least recently first. */
  readonly #processes = new Map<string, PredictorProcess>();
  readonly #idle = new Map<PredictorProcess, NodeJS.Timeout>();
  #closed = false;

  constructor(storage: Storage, children: ChildSettings, log: Logger) {
    this.#storage = storage;
    this.#children = children;
    this.#log = log;
  }

  /** What becomes of a tenant's task. Throws nothing. */
  async compute(task: PredictionTask, tenant: string): Promise<PredictionOutcome> {
    try {
      const question = await this.#question(task);
      for (let left = mostStarts - 1; ; left--) {
        if (this.#closed) throw new Error('The worker is shutting down.');
        const process = this.#living(tenant);
        clearTimeout(this.#idle.get(process));
        const outcome = await process.ask(question).finally(() => this.#endWhenIdle(process));
        if (process.alive || process.wasReady || left === 0) return outcome;
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'failed', error: { code: 'unavailable', message } };
    }
  }

  /** What its processes take of the machine, each. */
  get loads(): Load[] {
    return [...this.#processes.values()].filter(({ alive }) => alive).map(({ load }) => load);
  }

  /** Ends them, at once. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#processes.values()];
    for (const process of all) {
      clearTimeout(this.#idle.get(process));
      process.kill();
    }
    await Promise.all(all.map(({ gone }) => gone));
  }

  #endWhenIdle(process: PredictorProcess): void {
    clearTimeout(this.#idle.get(process));
    if (!process.busy) this.#idle.set(process, setTimeout(() => process.kill(), idleMs).unref());
  }

  #living(tenant: string): PredictorProcess {
    const known = this.#processes.get(tenant);
    this.#processes.delete(tenant);
    const process = known?.alive ? known : this.#start(tenant);
    this.#processes.set(tenant, process);
    return process;
  }

  #start(tenant: string): PredictorProcess {
    const { passed, noNetwork } = this.#children;
    const others = [...this.#processes.values()].filter(({ alive }) => alive);
    const idle = others.find(({ busy }) => !busy);
    if (others.length >= mostProcesses) idle?.kill();
    const started = new PredictorProcess(file, environment(passed), noNetwork);
    this.#log.info({ pid: started.pid }, 'predictor starts');
    void started.gone.then(() => {
      clearTimeout(this.#idle.get(started));
      this.#idle.delete(started);
      if (this.#processes.get(tenant) === started) this.#processes.delete(tenant);
      if (!this.#closed) this.#log.info({ pid: started.pid }, 'predictor ended');
    });
    return started;
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
        uploads: [
          await uploadedFile(
            (name) => this.#storage.path(name),
            dataset.stored.sha256,
            dataset.stored.kind === 'images',
          ),
        ],
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
