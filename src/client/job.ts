/** One job: following it, steering it, and what it has come to. */
import type { StreamOptions } from './frames/follow.js';
import { withQuery, type Http } from './http.js';
import type { Streams } from './streams.js';
import {
  isTerminal,
  type Checkpoint,
  type EvaluateRequest,
  type Evaluation,
  type Frame,
  type JobRecord,
  type JobStatus,
  type LrFindResult,
  type Metrics,
  type MetricsFormat,
  type MetricsQuery,
  type ModelFormat,
  type PredictRequest,
  type Predictions,
} from './types.js';

/** What `POST /jobs/{id}/…` makes of a job. */
type Action = 'cancel' | 'pause' | 'resume';

/** A handle for one job. */
export class Job {
  /** The record as it was seen last; `refresh` reads it anew. */
  record: JobRecord;
  readonly #http: Http;
  readonly #streams: Streams;

  /** @internal */
  constructor(record: JobRecord, http: Http, streams: Streams) {
    this.record = record;
    this.#http = http;
    this.#streams = streams;
  }

  get id(): string {
    return this.record.id;
  }

  /** As it was seen last. */
  get status(): JobStatus {
    return this.record.status;
  }

  /** Reads the record anew. */
  async refresh(signal?: AbortSignal): Promise<JobRecord> {
    this.record = await this.#http.take(this.#http.api.GET('/jobs/{id}', { params: this.#path, signal }));
    return this.record;
  }

  /**
   * The job's frames from the first one on, stored and then live, each once and in order; the loop ends after the
   * terminal status. Where the connection is lost it is opened again, from the next frame on. Can be followed as often
   * as you like, also after the end.
   */
  stream({
    from = 0,
    ...options
  }: StreamOptions & { /** The first frame, by its `seq`. */ from?: number } = {}): AsyncGenerator<Frame> {
    return this.#streams.one(this.id, from, options);
  }

  /** Waits until the job has ended, and gives its record: `completed`, `failed` with its `error`, or `cancelled`. */
  async done({ signal }: { signal?: AbortSignal } = {}): Promise<JobRecord> {
    if (isTerminal((await this.refresh(signal)).status)) return this.record;
    // Nearly all is merged: what counts is the terminal frame.
    for await (const frame of this.stream({ maxRate: 0.01, signal })) if (isLast(frame)) break;
    return this.refresh(signal);
  }

  /** Ends it, after a checkpoint. @throws OnecycleError `conflict` where it has ended */
  cancel(): Promise<JobRecord> {
    return this.#act('cancel');
  }

  /** It makes a checkpoint and gives its device back. */
  pause(): Promise<JobRecord> {
    return this.#act('pause');
  }

  /** Goes on from where it was paused. */
  resume(): Promise<JobRecord> {
    return this.#act('resume');
  }

  /** Leaves its schedule: the rates anneal to zero over `cooldown` epochs, and it ends. */
  async finish(options: { cooldown: number }): Promise<JobRecord> {
    const request = { params: this.#path, body: options };
    return (this.record = await this.#http.take(this.#http.api.POST('/jobs/{id}/finish', request)));
  }

  /** A new job that goes on from the last checkpoint of this one, which has failed or was cancelled. */
  async retry(): Promise<Job> {
    const record = await this.#http.take(this.#http.api.POST('/jobs/{id}/retry', { params: this.#path }));
    return new Job(record, this.#http, this.#streams);
  }

  /** Its curves: all of them, or a range thinned to so many points. */
  metrics(query: MetricsQuery = {}): Promise<Metrics> {
    return this.#http.json<Metrics>(withQuery(this.#at('metrics'), { ...query, format: 'json' }));
  }

  /** Its curves as a file. */
  metricsAs(format: MetricsFormat, query: MetricsQuery = {}): Promise<Response> {
    return this.#http.send(withQuery(this.#at('metrics'), { ...query, format }));
  }

  /** A finder's curve and suggestions. */
  lrFind(): Promise<LrFindResult> {
    return this.#http.take(this.#http.api.GET('/jobs/{id}/lr-find', { params: this.#path }));
  }

  /** A plot as fastai draws it, as SVG. `query`: what that plot takes, such as `keys: 'lr,mom'` for `sched`. */
  async plot(
    name: 'sched' | 'loss' | 'lr-find',
    query: Record<string, string | number | boolean> = {},
  ): Promise<string> {
    return (await this.#http.send(withQuery(this.#at(`plots/${name}.svg`), query))).text();
  }

  /** The same plot as a PNG. */
  async plotPng(
    name: 'sched' | 'loss' | 'lr-find',
    query: Record<string, string | number | boolean> = {},
  ): Promise<Blob> {
    return (await this.#http.send(withQuery(this.#at(`plots/${name}.png`), query))).blob();
  }

  /** The checkpoints that are kept, the oldest first. */
  async checkpoints(): Promise<Checkpoint[]> {
    return (await this.#http.take(this.#http.api.GET('/jobs/{id}/checkpoints', { params: this.#path }))).data;
  }

  /** Asks a running job for a checkpoint, which is kept until the job is deleted. */
  async checkpoint(name: string): Promise<JobRecord> {
    const request = { params: this.#path, body: { name } };
    return (this.record = await this.#http.take(this.#http.api.POST('/jobs/{id}/checkpoints', request)));
  }

  /** The trained parameters as safetensors; with `checkpoint` (an id, a name, `last`, `best`) those of that one. */
  weights({ checkpoint }: { checkpoint?: string } = {}): Promise<Response> {
    const name = checkpoint === undefined ? 'weights' : `checkpoints/${encodeURIComponent(checkpoint)}/weights`;
    return this.#http.send(this.#at(name));
  }

  /** The trained model as a file. */
  model(format: ModelFormat = 'onecycle', { checkpoint }: { checkpoint?: string } = {}): Promise<Response> {
    return this.#http.send(withQuery(this.#at('model'), { format, checkpoint }));
  }

  /**
   * What the model says of rows: `{rows: [{…}]}` of a table, `{x: […]}` of numbers, or a picture or a CSV as a Blob
   * with its type.
   */
  predict(input: PredictRequest | Blob, { checkpoint, signal }: PredictOptions = {}): Promise<Predictions> {
    const file = input instanceof Blob;
    return this.#http.json<Predictions>(withQuery(this.#at('predict'), { checkpoint }), {
      method: 'POST',
      headers: { 'content-type': file ? input.type || 'application/octet-stream' : 'application/json' },
      body: file ? input : JSON.stringify(input),
      signal,
    });
  }

  /** How good the model is on another data set. */
  evaluate(request: EvaluateRequest, { checkpoint, signal }: PredictOptions = {}): Promise<Evaluation> {
    const params = { ...this.#path, query: { checkpoint } };
    return this.#http.take(this.#http.api.POST('/jobs/{id}/evaluate', { params, body: request, signal }));
  }

  /** Deletes it with all that was stored for it. */
  async delete(): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/jobs/{id}', { params: this.#path }));
  }

  async #act(action: Action): Promise<JobRecord> {
    const request = this.#http.api.POST(`/jobs/{id}/${action}`, { params: this.#path });
    return (this.record = await this.#http.take(request));
  }

  get #path() {
    return { path: { id: this.id } };
  }

  #at(what: string): string {
    return `/jobs/${encodeURIComponent(this.id)}/${what}`;
  }
}

const isLast = (frame: Frame): boolean => frame.type === 'status' && isTerminal(frame.status);

/** With which parameters. */
export interface PredictOptions {
  /** An id of a checkpoint, its name, `last` (the default) or `best`. */
  checkpoint?: string;
  signal?: AbortSignal;
}
