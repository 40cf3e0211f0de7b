/**
 * Which jobs are pushed on to MLflow, and how far each is there. What is pushed is read from the stored log, so that
 * nothing is kept for an MLflow that is away but a place in the log.
 */
import type { Client } from '../redis/client.js';

/** How far a job is in MLflow. */
export interface PushState {
  /** Id of its run there. */
  run: string;
  /** The frame of its log that comes next. */
  seq: number;
  /** The last iteration that the log had. */
  at: number;
  /** From these on nothing was logged yet; what an attempt repeats was. */
  iteration: number;
  epoch: number;
  /** What the run's status was set to. */
  status: string;
}

/** A job to be looked at; `state` null: it has no run yet. */
export interface DuePush {
  id: string;
  state: PushState | null;
}

/** One process at a time pushes: its name, and for how long no other does without a sign of it. */
export interface Pushing {
  token: string;
  leaseMs: number;
}

/** Of one service. */
export class Pushes {
  readonly #redis: Client;

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /** Jobs of these tenants that are to be looked at, `count` or little more; null where another process pushes. */
  async take({ token, leaseMs }: Pushing, count: number, tenants: readonly string[]): Promise<DuePush[] | null> {
    const taken = (await this.#redis.takePushes(0, token, leaseMs, count, ...tenants)) as [string, string][] | null;
    return taken?.map(([id, state]) => ({ id, state: state === '' ? null : (JSON.parse(state) as PushState) })) ?? null;
  }

  /** Notes how far a job is, and when it is looked at again. False where another process pushes by now. */
  async note({ token, leaseMs }: Pushing, { id, state }: DuePush, againMs: number): Promise<boolean> {
    return (
      (await this.#redis.notePush(0, token, id, state === null ? '' : JSON.stringify(state), againMs, leaseMs, '')) ===
      1
    );
  }

  /** The job is not looked at any more: all of it was pushed, or it is refused there. */
  async done({ token, leaseMs }: Pushing, id: string, outcome: 'pushed' | 'refused'): Promise<void> {
    await this.#redis.notePush(0, token, id, 'done', 0, leaseMs, outcome);
  }

  /** An attempt has failed: that is counted, and the job stays as it is. */
  async failed({ token, leaseMs }: Pushing, id: string): Promise<void> {
    await this.#redis.notePush(0, token, id, 'failed', 0, leaseMs, 'failed');
  }

  /** Lets another process push at once. */
  async leave({ token }: Pushing): Promise<void> {
    await this.#redis.leavePushes(0, token);
  }
}
