/** MLflow's REST API, as far as curves need it. */
import type { MlflowSettings } from '../../config.js';

/** A value of a curve. MLflow takes values that are not finite as text. */
export interface Metric {
  key: string;
  value: number | 'NaN';
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
}

/** A parameter or a tag. */
export interface KeyValue {
  key: string;
  value: string;
}

/** What one request may have, as MLflow documents it: 1,000 items, of these so many parameters and tags. */
export const limits = { metrics: 1000, params: 100, tags: 100, key: 250, value: 500 } as const;

/** What a run's status may be. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** A new run. */
export interface NewRun {
  run_name: string;
  start_time: number;
  tags: KeyValue[];
}

/** Why a request did not work. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';

  /**
   * @param code MLflow's own; null: it did not answer, or not as MLflow does
   * @param lasting whether the same request will be refused again
   * @param retryAfterMs as it asks for
   */
  constructor(
    message: string,
    readonly code: string | null,
    readonly lasting: boolean,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

const passing = ['TEMPORARILY_UNAVAILABLE', 'REQUEST_LIMIT_EXCEEDED', 'INTERNAL_ERROR'];
/** One that is busy takes its time over a batch; what is not answered is sent once more, which is slower still. */
const timeoutMs = 45_000;

/** One server's. */
export class Mlflow {
  readonly #settings: MlflowSettings;
  readonly #signal: AbortSignal;
  #experiment: string | null = null;

  constructor(settings: MlflowSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The run that has a job's id as its tag; made if there is none. */
  async runOf(job: string, run: NewRun): Promise<string> {
    const experiment_id = await this.#experimentId();
    const { runs = [] } = await this.#post<{ runs?: Run[] }>('runs/search', {
      experiment_ids: [experiment_id],
      filter: `tags.\`${jobTag}\` = '${job}'`,
      max_results: 1,
    });
    const found = runs.at(0) ?? (await this.#post<{ run: Run }>('runs/create', { experiment_id, ...run })).run;
    return found.info.run_id;
  }

  /** What of it is there already, the same in every field, is not stored twice. */
  async logBatch(run_id: string, batch: { metrics?: Metric[]; params?: KeyValue[]; tags?: KeyValue[] }): Promise<void> {
    await this.#post('runs/log-batch', { run_id, ...batch });
  }

  /** With a time, the run has ended then. */
  async update(run_id: string, status: RunStatus, end_time?: number): Promise<void> {
    await this.#post('runs/update', { run_id, status, ...(end_time !== undefined && { end_time }) });
  }

  async #experimentId(): Promise<string> {
    this.#experiment ??= await this.#findExperiment();
    return this.#experiment;
  }

  async #findExperiment(): Promise<string> {
    const { experiment: name } = this.#settings;
    try {
      const query = `experiments/get-by-name?${new URLSearchParams({ experiment_name: name }).toString()}`;
      const { experiment } = await this.#send<{ experiment: Experiment }>('GET', query);
      if (experiment.lifecycle_stage === 'active') return experiment.experiment_id;
    } catch (error) {
      if (!(error instanceof MlflowError && error.code === 'RESOURCE_DOES_NOT_EXIST')) throw error;
      return (await this.#post<{ experiment_id: string }>('experiments/create', { name })).experiment_id;
    }
    throw new MlflowError(`its experiment ${name} is deleted: restore it, or name another one`, null, false, 0);
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#send<T>('POST', path, JSON.stringify(body));
  }

  async #send<T>(method: 'GET' | 'POST', path: string, body?: string): Promise<T> {
    const { url, authorization } = this.#settings;
    const headers = {
      'user-agent': 'onecycle',
      ...(authorization !== null && { authorization }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    let response: Response;
    let text: string;
    try {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]);
      response = await fetch(`${url}/api/2.0/mlflow/${path}`, { method, headers, body, signal });
      text = await response.text();
    } catch (error) {
      throw new MlflowError(reasonOf(error), null, false, 0);
    }
    const answer = parsed(text);
    if (response.ok && answer !== null) return answer as T;
    throw problem(response, answer);
  }
}

interface Run {
  info: { run_id: string };
}

interface Experiment {
  experiment_id: string;
  lifecycle_stage: string;
}

/** The tag that a job's run is found by. */
export const jobTag = 'onecycle.job';

function problem({ status, headers }: Response, answer: object | null): MlflowError {
  const { error_code: code = null, message = '' } = (answer ?? {}) as { error_code?: string; message?: string };
  // Who may not, or has asked too often, or speaks with something else than MLflow, is mended without a change of the job.
  const lasting = status >= 400 && status < 500 && code !== null && ![401, 403, 408, 429].includes(status);
  const after = Number(headers.get('retry-after'));
  const why = answer === null ? 'not as MLflow does' : `${code ?? ''} ${message.slice(0, 500)}`.trim();
  return new MlflowError(
    `it answered ${status}: ${why}`,
    code,
    lasting && !passing.includes(code),
    after > 0 ? after * 1000 : 0,
  );
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
