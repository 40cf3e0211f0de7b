/** A real service, `onecycle up`, with a data folder of its own on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { isTerminal, type JobRecord } from '../../src/jobs/record.js';
import { commandOf, computedTicks, descendants } from './processes.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The trainer that computes nothing. */
const benchTrainer = fileURLToPath(new URL('trainer.js', import.meta.url));
const startLimitMs = 60_000;

/** How it is started. */
export interface ServiceOptions {
  workers?: number;
  /** The trainer that computes nothing (trainer.ts) in place of the real one. */
  trainsNothing?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** The service, and a client of it that keeps its connections. */
export class Service {
  private constructor(
    private readonly child: ChildProcess,
    /** Below it the data; files that a measurement needs may lie beside them. */
    readonly folder: string,
    /** `http://127.0.0.1:PORT` */
    readonly url: string,
    readonly http: Pool,
  ) {}

  /** Starts one, and returns once it takes jobs. @throws Error with what it said where it ends instead. */
  static async start({ workers = 1, trainsNothing = false, env = {} }: ServiceOptions = {}): Promise<Service> {
    const folder = mkdtempSync(join(tmpdir(), 'onecycle-bench-'));
    const child = spawn(process.execPath, ['bin/onecycle.js', 'up'], {
      cwd: root,
      env: {
        ...process.env,
        REDIS_URL: '',
        HOST: '127.0.0.1',
        PORT: '0',
        ONECYCLE_LOG_LEVEL: 'info',
        ONECYCLE_DEVICES: 'cpu',
        ONECYCLE_WORKERS: String(workers),
        ONECYCLE_DATA_DIR: join(folder, 'data'),
        ...(trainsNothing && { ONECYCLE_TRAINER: benchTrainer }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await addressOf(child);
    const service = new Service(child, folder, url, new Pool(url, { connections: 64, pipelining: 1 }));
    await service.until('the service takes jobs', async () => (await service.ask('GET', '/readyz')).status === 200);
    return service;
  }

  /** The process with the API in it. */
  get pid(): number {
    return this.child.pid!;
  }

  /** The processes below it whose command line has a word in it. */
  processes(word: string): number[] {
    return descendants(this.pid).filter((pid) => commandOf(pid).includes(word));
  }

  /** One request. */
  async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const response = await this.http.request({
      method,
      path,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  /** A request that must be answered well. @throws Error with the answer */
  async json<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
    return JSON.parse(text) as T;
  }

  submit(spec: unknown): Promise<JobRecord> {
    return this.json('POST', '/jobs', spec);
  }

  job(id: string): Promise<JobRecord> {
    return this.json('GET', `/jobs/${id}`);
  }

  /** Waits until a job has completed. @throws Error where it ends otherwise */
  async completed(id: string): Promise<JobRecord> {
    const record = await this.until(`${id} ends`, async () => {
      const now = await this.job(id);
      return isTerminal(now.status) && now;
    });
    if (record.status !== 'completed') throw new Error(`${id} is ${record.status}: ${JSON.stringify(record.error)}`);
    return record;
  }

  /** Waits until there are so many trainers and the next one is warm: the youngest has its engine, and computes no more. */
  async warm(trainers = 1): Promise<void> {
    let before = '';
    await this.until('a trainer is warm', async () => {
      await sleep(500);
      const pids = this.processes('trainer');
      const next = pids.length < trainers ? undefined : pids.at(-1);
      const now = next === undefined ? '' : `${next} ${computedTicks(next)}`;
      const warm = now !== '' && now === before;
      before = now;
      return warm;
    });
  }

  /**
   * Asks until the answer is neither false nor undefined. @throws Error after ten minutes, or where the service ends
   */
  async until<T>(what: string, ask: () => T | Promise<T>): Promise<Exclude<T, false | undefined>> {
    const end = Date.now() + 600_000;
    for (;;) {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
      if (this.child.exitCode !== null || Date.now() > end) throw new Error(`It did not happen that ${what}.`);
      await sleep(20);
    }
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    await this.http.destroy();
    const exited = once(this.child, 'exit');
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs something with a service that is ended after it. */
export async function withService<T>(options: ServiceOptions, use: (service: Service) => Promise<T>): Promise<T> {
  const service = await Service.start(options);
  try {
    return await use(service);
  } finally {
    await service.stop();
  }
}

/** The address that a service says in its log. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (): void => reject(new Error(`The service did not start:\n${output}`));
    const timer = setTimeout(fail, startLimitMs);
    child.once('exit', fail);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000);
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
