/**
 * Pushes the curves of jobs to MLflow, from their stored logs. One API process does at a time; where it dies, another
 * goes on from the place in each log that was noted. What was sent and not noted is sent again, the same in every field,
 * and MLflow has it once. An MLflow that is away is tried again, and costs nothing meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { MlflowSettings } from '../../config.js';
import { isTerminal, parseFrame, type JobRecord, type Jobs, type StoredFrame } from '../../jobs/index.js';
import type { DuePush, Pushing, PushState } from '../../jobs/pushes/pushes.js';
import { limits, Mlflow, MlflowError, type Metric } from './client.js';
import { metricsOf } from './points.js';
import { endOf, newRun, paramsOf, startMs, statusOf } from './run.js';

/** How curves are pushed. */
export interface PusherSettings extends MlflowSettings {
  /** Between two looks at what there is to push. */
  pollMs?: number;
  /** How long to wait for an MLflow that is away: first, at most. */
  backoffMs?: readonly [first: number, most: number];
  /** For how long no other process pushes, without a sign of this one. */
  leaseMs?: number;
}

const jobsAtOnce = 4;
/** Jobs that are looked at in one go. */
const taken = 200;
/** After so long it is another job's turn. */
const turnMs = 5000;
/** After so long it is looked anew what there is. */
const lookMs = 10_000;
/** Longer than any request. */
const defaultLeaseMs = 90_000;
/** A job that has not begun is looked at again after a quarter of its age, within these. What begins is noticed sooner. */
const idleMs = [1000, 60_000] as const;
const startedLate = 0.25;

/** Pushes until it is closed. */
export class Pusher {
  readonly #jobs: Jobs;
  readonly #settings: PusherSettings;
  readonly #log: FastifyBaseLogger;
  readonly #pushing: Pushing;
  readonly #closing = new AbortController();
  readonly #mlflow: Mlflow;
  readonly #running: Promise<void>;

  constructor(jobs: Jobs, settings: PusherSettings, log: FastifyBaseLogger) {
    this.#jobs = jobs;
    this.#settings = settings;
    this.#pushing = { token: randomUUID(), leaseMs: settings.leaseMs ?? defaultLeaseMs };
    this.#log = log.child({ mlflow: settings.url });
    this.#mlflow = new Mlflow(settings, this.#closing.signal);
    this.#running = this.#run();
  }

  /** What is not noted yet is sent again by another process, or after a restart. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    if (!/^https?:/.test(this.#settings.url)) {
      this.#log.warn('MLFLOW_TRACKING_URI is no http address: curves are not pushed to MLflow');
      return;
    }
    this.#log.info({ experiment: this.#settings.experiment }, 'curves are pushed to MLflow');
    const { signal } = this.#closing;
    const { pollMs = 1000, backoffMs: [first, most] = [1000, 60_000] } = this.#settings;
    let pauseMs = 0;
    while (!signal.aborted) {
      const away = await this.#look();
      pauseMs = away === null ? 0 : Math.min(Math.max(2 * pauseMs, first, away.retryAfterMs), most);
      if (away !== null && !this.#closing.signal.aborted)
        this.#log.warn({ reason: away.message, again_in_ms: pauseMs }, 'MLflow cannot be reached');
      await sleep(pauseMs || pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    await this.#jobs.pushes.leave(this.#pushing).catch(() => undefined);
  }

  /** Pushes what there is. Returns why MLflow could not be reached, if so. */
  async #look(): Promise<MlflowError | null> {
    const { tenants } = this.#settings;
    const deadline = performance.now() + lookMs;
    try {
      const due = ((await this.#jobs.pushes.take(this.#pushing, taken, tenants)) ?? []).values();
      const pushSome = async (): Promise<MlflowError | null> => {
        for (const each of due) {
          const away = await this.#push(each);
          if (away !== null || this.#closing.signal.aborted || performance.now() > deadline) return away;
        }
        return null;
      };
      const ends = await Promise.all(Array.from({ length: jobsAtOnce }, pushSome));
      return ends.find((each) => each !== null) ?? null;
    } catch (error) {
      this.#log.debug({ err: error }, 'could not look what is to be pushed to MLflow');
      return null;
    }
  }

  async #push({ id, state }: DuePush): Promise<MlflowError | null> {
    try {
      await this.#turn(id, state);
      return null;
    } catch (error) {
      if (!(error instanceof MlflowError)) {
        if (this.#closing.signal.aborted) return null;
        this.#log.warn({ job: id, err: error }, 'a curve could not be pushed');
        await this.#failed(id);
        await this.#jobs.pushes.note(this.#pushing, { id, state }, idleMs[1]).catch(() => undefined);
        return null;
      }
      if (!error.lasting) {
        await this.#failed(id);
        return error;
      }
      // Its run may have been deleted there. Other jobs go on.
      this.#log.warn(
        { job: id, run: state?.run, reason: error.message },
        'MLflow refuses a job: it is pushed no further',
      );
      await this.#jobs.pushes.done(this.#pushing, id, 'refused');
      return null;
    }
  }

  /** Counts an attempt that has failed by itself. */
  async #failed(id: string): Promise<void> {
    if (!this.#closing.signal.aborted) await this.#jobs.pushes.failed(this.#pushing, id).catch(() => undefined);
  }

  async #turn(id: string, known: PushState | null): Promise<void> {
    const record = await this.#jobs.get(id);
    if (record === null) return this.#removed(id, known);
    if (known === null && record.started_at === null && !isTerminal(record.status)) return this.#wait(record);
    const begun = known ?? (await this.#begin(record));
    if (begun === null) return;
    let state = begun;
    const deadline = performance.now() + turnMs;
    for await (const page of this.#jobs.logPages(id, state.seq)) {
      for (let at = 0; at < page.length;) {
        const { sent, next } = await this.#send(page.slice(at), state, startMs(record));
        at += sent;
        if (page[at - 1].last) return this.#end(id, next.run);
        if (!(await this.#jobs.pushes.note(this.#pushing, { id, state: next }, 0))) return;
        state = next;
        if (performance.now() > deadline || this.#closing.signal.aborted) return;
      }
    }
    await this.#tellStatus(record, state);
  }

  /** Its run, with what is known before it trains. A process that died over it has made it already. */
  async #begin(record: JobRecord): Promise<PushState | null> {
    const { id } = record;
    const tenant = await this.#jobs.tenantOf(id);
    // Another process may push by now: that makes the run.
    if (tenant === null || !(await this.#jobs.pushes.note(this.#pushing, { id, state: null }, 0))) return null;
    const run = await this.#mlflow.runOf(id, newRun(record, tenant));
    const params = paramsOf(record);
    for (let at = 0; at < params.length; at += limits.params)
      await this.#mlflow.logBatch(run, { params: params.slice(at, at + limits.params) });
    const state = { run, seq: 0, at: -1, iteration: 0, epoch: 0, status: 'RUNNING' };
    return (await this.#jobs.pushes.note(this.#pushing, { id, state }, 0)) ? state : null;
  }

  /**
   * Sends as many frames as fill a batch, one at least, and returns how many, and how far the job is then: that is noted,
   * so that an MLflow that is slow gets on.
   */
  async #send(
    frames: readonly StoredFrame[],
    state: PushState,
    start: number,
  ): Promise<{ sent: number; next: PushState }> {
    const next = { ...state };
    let metrics: Metric[] = [];
    let sent = 0;
    let full = false;
    for (const frame of frames) {
      for (const metric of metricsOf(parseFrame(frame), next, start)) {
        metrics.push(metric);
        if (metrics.length < limits.metrics) continue;
        full = true;
        await this.#mlflow.logBatch(state.run, { metrics });
        metrics = [];
      }
      next.seq = frame.seq + 1;
      sent++;
      if (full) break;
    }
    if (metrics.length > 0) await this.#mlflow.logBatch(state.run, { metrics });
    return { sent, next };
  }

  /** A run that runs: its status there, where that has changed. */
  async #tellStatus(record: JobRecord, state: PushState): Promise<void> {
    const status = statusOf(record.status);
    // Its end comes with its last frame.
    const changed = status !== state.status && !isTerminal(record.status);
    if (changed) await this.#mlflow.update(state.run, status);
    const { pollMs = 1000 } = this.#settings;
    await this.#jobs.pushes.note(
      this.#pushing,
      { id: record.id, state: changed ? { ...state, status } : state },
      pollMs,
    );
  }

  async #end(id: string, run: string): Promise<void> {
    const record = await this.#jobs.existing(id);
    await this.#mlflow.logBatch(run, endOf(record));
    await this.#mlflow.update(run, statusOf(record.status), Date.parse(record.finished_at ?? record.created_at));
    await this.#jobs.pushes.done(this.#pushing, id, 'pushed');
  }

  /** It was deleted before all of it was pushed. */
  async #removed(id: string, state: PushState | null): Promise<void> {
    if (state !== null) await this.#mlflow.update(state.run, 'KILLED', Date.now());
    await this.#jobs.pushes.done(this.#pushing, id, 'pushed');
  }

  async #wait({ id, created_at }: JobRecord): Promise<void> {
    const age = Date.now() - Date.parse(created_at);
    const again = Math.round(Math.min(Math.max(startedLate * age, idleMs[0]), idleMs[1]));
    await this.#jobs.pushes.note(this.#pushing, { id, state: null }, again);
  }
}
