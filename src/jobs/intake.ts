/**
 * How a worker takes jobs from several lines: from that of its kind of device, and from those of the pools that it is of.
 * BullMQ reads one queue with one `Worker`. Jobs run beside one another as far as the worker's threads, or its card's
 * memory, go; the first that finds too little free goes back before all others of its priority, and nothing is taken
 * until something is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, WaitingError, type Job } from 'bullmq';
import type { Logger } from 'pino';
import { LineWorker, type Taking } from './line-worker.js';
import type { Taken } from './log/attempt.js';
import { isOfPool } from './pools.js';
import { Precedence } from './precedence.js';
import type { Client } from './redis/client.js';
import type { Heartbeat } from './redis/heartbeats.js';
import { keys, queueName, queuePrefix } from './redis/keys.js';
import { lineOf, type Line } from './redis/lines.js';
import { ranksPerPlace } from './redis/places.js';
import type { Queues } from './redis/queues.js';
import { answers } from './redis/records.js';
import type { Slots } from './slots.js';

/** A job whose worker did not renew its lock for this long is taken for stalled. */
const lockMs = 5000;
const stalledCheckMs = 3000;
/** A job that was taken for stalled, and that another worker is at, is looked at again after so long. */
const lookAgainMs = 2000;

/** What is done with jobs: job-runner.ts. */
export interface Seeing {
  /** Takes the job that a line has just given under a token: line-worker.ts. */
  take: Taking['take'];
  /** Settles with what became of a job that its line has given; `early`: of having taken it. */
  run: (id: string, early: Taken | null) => Promise<'done' | 'handed back' | 'held'>;
  /** Hears that one has left its share. */
  left: () => void;
  /** Hears of a job that its line has let go of. */
  letGo: (id: string) => Promise<void>;
}

/** Takes jobs for one worker. */
export class Intake {
  readonly #redis: Client;
  readonly #queues: Queues;
  readonly #info: Heartbeat;
  readonly #slots: Slots;
  readonly #seeing: Seeing;
  readonly #log: Logger;
  readonly #precedence: Precedence;
  readonly #lines = new Map<Line, LineWorker>();
  /** Jobs that their lines have given, and that have no share yet. */
  #coming = 0;
  /** Jobs that are on their way back to their lines. */
  #goingBack = 0;
  #draining = false;
  #started = false;

  constructor(redis: Client, queues: Queues, info: Heartbeat, slots: Slots, seeing: Seeing, log: Logger) {
    this.#slots = slots;
    this.#redis = redis;
    this.#queues = queues;
    this.#info = info;
    this.#seeing = seeing;
    this.#log = log;
    this.#precedence = new Precedence(redis, info);
    this.#open(lineOf(info.kind));
  }

  /** Begins to take jobs. */
  async start(): Promise<void> {
    await this.#precedence.start(() => this.#giveWay());
    this.#started = true;
    await this.refresh();
  }

  /** Opens lines of pools that are new, closes those that nobody has used for long, and goes on where it rests idly. */
  async refresh(): Promise<void> {
    const pools = await this.#redis.zrange(keys.pools, '0', '-1');
    const wanted = ['', ...pools.filter((pool) => isOfPool(this.#info, pool))].map((pool) =>
      lineOf(this.#info.kind, pool),
    );
    const opened = wanted.filter((line) => !this.#lines.has(line));
    for (const line of opened) this.#open(line);
    if (opened.length > 0 && this.#isBusy) await this.#rest();
    // Nothing is to be taken by a worker that is away: it opens the line again when somebody uses it.
    for (const [line, worker] of this.#lines) {
      if (wanted.includes(line) || this.#isBusy) continue;
      this.#lines.delete(line);
      await worker.close();
    }
    if (this.#slots.next !== null && this.#goingBack === 0) await this.#lookAtNext();
    if (this.#started && this.#isOpen) await this.#goOn();
  }

  /** Takes no more jobs; true where that is new. */
  async drain(): Promise<boolean> {
    if (this.#draining) return false;
    this.#draining = true;
    this.#precedence.stop();
    await this.#rest();
    return true;
  }

  /** Takes no more jobs, and settles when what was taken has been seen to. */
  async close(): Promise<void> {
    this.#draining = true;
    this.#precedence.stop();
    await Promise.all([...this.#lines.values()].map((worker) => worker.close()));
  }

  #open(line: Line): void {
    const taking: Taking = {
      isIdle: () =>
        this.#isOpen && !this.#precedence.cedes(line) && !this.#isBusy && this.#coming === 0 && this.#lines.size === 1,
      take: this.#seeing.take,
      process: (job, token, early) => this.#process(line, job, token, early),
    };
    const worker = new LineWorker(queueName(line), this.#redis, taking, {
      prefix: queuePrefix,
      autorun: false,
      concurrency: this.#slots.capacity.slots,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      // Our own attempts say how often is too often.
      maxStalledCount: 1_000_000_000,
      // The record is what remains.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', (error) => this.#log.warn({ err: error }, 'the queue answered with an error'));
    worker.on('completed', ({ id }) => {
      // Should that fail, `reconcile` does it.
      this.#seeing
        .letGo(id ?? '')
        .catch((error: unknown) => this.#log.warn({ job: id, err: error }, 'no job was let in'));
    });
    worker.on('failed', (job, error) =>
      this.#log.error({ job: job?.id, err: error }, 'the job could not be supervised; it will be queued again'),
    );
    this.#lines.set(line, worker);
  }

  async #process(line: Line, job: Job, token: string | undefined, early: Taken | null): Promise<void> {
    if (job.id === undefined) return;
    // The queue took it for stalled, and it goes on here.
    if (this.#slots.has(job.id)) return this.#lookAgain(job, token);
    if (!(await this.#enter(line, job.id, early))) return this.#refuse(job, token);
    try {
      this.#widen();
      await this.#see(job, job.id, token, early);
    } finally {
      this.#slots.leave(job.id);
      this.#widen();
      this.#seeing.left();
    }
  }

  /** Whether there is room for a job that a line has given, as there is for one taken early; it has its share then. */
  async #enter(line: Line, id: string, early: Taken | null): Promise<boolean> {
    this.#coming += 1;
    try {
      if (this.#lines.size > 1) await this.#rest();
      // Two lines had a job at the same moment, or this one was about to rest.
      if (!early && (!this.#isOpen || this.#precedence.cedes(line))) return false;
      return await this.#slots.enter(id, early?.type === 'run' ? early.hash : undefined);
    } finally {
      this.#coming -= 1;
    }
  }

  get #isBusy(): boolean {
    return this.#slots.shares.length > 0;
  }

  /** Whether a job may be taken. */
  get #isOpen(): boolean {
    return !this.#draining && this.#slots.next === null && this.#goingBack === 0 && this.#slots.isFree;
  }

  /** Has the queue give so many jobs at once as may be now. */
  #widen(): void {
    const most = this.#isOpen ? this.#slots.capacity.slots : Math.max(1, this.#slots.shares.length);
    for (const worker of this.#lines.values()) worker.concurrency = most;
    if (this.#lines.size > 1 && this.#isOpen) void this.#goOn();
  }

  /** What waits first may be another job meanwhile, or there may be room for it: it is taken, and goes back if need be. */
  async #lookAtNext(): Promise<void> {
    this.#slots.reconsider();
    this.#widen();
    // Where jobs run, BullMQ looks at how many more it may give when one of them ends, or when it is resumed.
    await this.#rest();
  }

  /** A job for which there is no room goes back; nothing overtakes the one that is to be the next. */
  async #refuse(job: Job, token: string | undefined): Promise<never> {
    this.#goingBack += 1;
    this.#widen();
    try {
      return await this.#handBack(job, token, this.#slots.next === job.id);
    } finally {
      this.#goingBack -= 1;
      this.#widen();
    }
  }

  async #see(job: Job, id: string, token: string | undefined, early: Taken | null): Promise<void> {
    switch (await this.#seeing.run(id, early)) {
      case 'done':
        return;
      case 'handed back':
        return this.#handBack(job, token);
      case 'held':
        return this.#lookAgain(job, token);
    }
  }

  async #lookAgain(job: Job, token: string | undefined): Promise<never> {
    const [seconds] = await this.#redis.time();
    if (Math.abs(Date.now() - seconds * 1000) > lookAgainMs) {
      // By a clock that is wrong it might come back in hours, or at once and for ever.
      await sleep(lookAgainMs);
      return this.#handBack(job, token);
    }
    await job.moveToDelayed(Date.now() + lookAgainMs, token);
    throw new DelayedError();
  }

  /** `first`: before those that have come back as well. */
  async #handBack(job: Job, token: string | undefined, first = false): Promise<never> {
    await job.moveToWait(token);
    await this.#queues.advance(job, first);
    throw new WaitingError();
  }

  async #rest(leaves: (line: Line) => boolean = () => true): Promise<void> {
    const resting = [...this.#lines].filter(([line]) => leaves(line));
    await Promise.all(resting.map(([, worker]) => worker.pause(true)));
  }

  /** Leaves to workers of more weight what they can take at once. */
  async #giveWay(): Promise<void> {
    try {
      const { ceded, isBack } = await this.#precedence.look([...this.#lines.keys()]);
      await this.#rest((line) => ceded.includes(line));
      if (ceded.length > 0) this.#log.debug({ lines: ceded }, 'workers of more weight go first');
      if (isBack && this.#isOpen) await this.#goOn();
    } catch (error) {
      // It looks again.
      this.#log.warn({ err: error }, 'could not look whether others are to go first');
    }
  }

  /** From the line whose first job goes before those of the others; from all where none has a job. */
  async #goOn(): Promise<void> {
    try {
      const lines = [...this.#lines.keys()].filter((line) => !this.#precedence.cedes(line));
      const first = lines.length === 1 ? null : await this.#firstOf(lines);
      if (!this.#isOpen) return;
      for (const line of first === null ? lines : [first]) void this.#lines.get(line)?.resume();
    } catch (error) {
      // The next heartbeat goes on.
      this.#log.warn({ err: error }, 'could not look which job is next');
    }
  }

  async #firstOf(lines: Line[]): Promise<Line | null> {
    const heads = this.#redis.pipeline();
    for (const line of lines) {
      heads.llen(this.#queues.lost(line));
      heads.zrange(this.#queues.places(line), '0', '0', 'WITHSCORES');
    }
    const found = await answers<number | [id?: string, score?: string]>(heads);
    const places = lines.flatMap((line, i) => {
      const [lost, head] = [found[2 * i], found[2 * i + 1]];
      if (typeof lost === 'number' && lost > 0) return [{ line, place: -1 }];
      const score = typeof head === 'number' ? undefined : head[1];
      return score === undefined ? [] : [{ line, place: Math.floor(Number(score) / ranksPerPlace) }];
    });
    // Of the same priority, what fewer workers can run goes first.
    places.sort((a, b) => a.place - b.place || b.line.length - a.line.length);
    return places[0]?.line ?? null;
  }
}
