/**
 * The real server as a child process, in a data folder of its own on a free port, and a client that speaks HTTP and
 * WebSocket to it. All that the server says must be as openapi.yaml says.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { checkMessage, documentedFetch } from '../openapi.js';
import { until } from './processes.js';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A frame as it comes over the wire; tests look at what they need. */
export interface Frame {
  type: 'batches' | 'epoch' | 'status' | 'rewind' | 'gap';
  seq: number;
  attempt: number;
  phase: number;
  epoch: number | number[];
  iteration: number | number[];
  raw_loss: number[];
  loss: number[];
  hypers: Record<string, number[][]>;
  status: string;
  train_loss: number;
  valid_loss: number;
  metrics: Record<string, number>;
  seconds: number;
  progress?: { percent: number; estimated_finish: string | null };
}

export interface JobRecord {
  id: string;
  type: 'fit' | 'lr_find';
  status: string;
  attempt: number;
  progress: { iteration: number; n_iteration: number; percent: number; estimated_finish: string | null };
  engine: { name: string; version: string; device: string; mode?: string } | null;
  spec: {
    policy: object;
    loss: unknown;
    metrics: unknown[];
    callbacks: unknown[];
    weights?: { taken: number; drawn: string[] };
  };
  result: {
    train_loss: number;
    valid_loss: number;
    metrics: Record<string, number>;
    confusion_matrix?: number[][];
  } | null;
  lr_find?: { job: string; suggestion: string; value: number };
  throughput: { step_ms: number; rows_per_second: number } | null;
  error: { code: string; message: string } | null;
}

export interface Metrics {
  iteration: number[];
  phase: number[];
  raw_loss: number[];
  loss: number[];
  seconds: (number | null)[];
  hypers: Record<string, number[][] | undefined>;
  epochs: { phase: number; train_loss: number; valid_loss: number; metrics: Record<string, number> }[];
}

export interface Stream {
  frames: Frame[];
  /** Settles when the server closes: with the close code. */
  closed: Promise<number>;
}

export interface Answer {
  status: number;
  body: unknown;
}

export interface ServerOptions {
  env?: NodeJS.ProcessEnv;
  /** A data folder to go on with; it is then the caller's to remove. */
  dataDir?: string;
  /** What to start, in place of `node bin/onecycle.js up`. */
  command?: [string, ...string[]];
  /** A process group of its own, which may be signalled as a whole. */
  detached?: boolean;
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'onecycle-test-'));

export class Server {
  output = '';
  url = '';
  private exited = false;

  private constructor(
    readonly process: ChildProcess,
    readonly dataDir: string,
    private readonly ownsData: boolean,
  ) {}

  /** Starts the server and waits until it can take a job. */
  static async start({
    env = {},
    dataDir,
    command = [process.execPath, 'bin/onecycle.js', 'up'],
    detached = false,
  }: ServerOptions = {}): Promise<Server> {
    const folder = dataDir ?? temporaryFolder();
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      env: {
        ...process.env,
        REDIS_URL: '',
        HOST: '127.0.0.1',
        PORT: '0',
        ONECYCLE_WORKERS: '',
        ONECYCLE_SLOTS: '1',
        ONECYCLE_DATA_DIR: folder,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached,
    });
    const server = new Server(child, folder, dataDir === undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        server.output += text;
      });
    }
    child.once('exit', () => {
      server.exited = true;
    });
    try {
      server.url = await server.until(
        'the server says its address',
        () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.output)?.[0],
      );
      await server.until('the server is ready', async () => (await server.get('/readyz')).status === 200);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** `until`, but fails at once, with what the server said, when it has ended. */
  async until<T>(what: string, ask: () => T | Promise<T>, timeoutMs = 120_000): Promise<NonNullable<T>> {
    try {
      return await until(
        what,
        () => {
          if (this.exited) throw new Error(`The server ended before ${what}`);
          return ask();
        },
        timeoutMs,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n--- the server's output:\n${this.output.slice(-8000)}`);
    }
  }

  get pid(): number {
    return this.process.pid!;
  }

  async get(path: string): Promise<Answer> {
    return answer(await documentedFetch(this.url + path));
  }

  async post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return answer(
      await documentedFetch(this.url + path, {
        method: 'POST',
        ...(body === undefined
          ? { headers }
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
      }),
    );
  }

  /** Posts a job that must be taken. */
  async submit(spec: unknown): Promise<JobRecord> {
    const { status, body } = await this.post('/jobs', spec);
    if (status !== 201) throw new Error(`POST /jobs answered ${status}: ${JSON.stringify(body)}`);
    return body as JobRecord;
  }

  async job(id: string): Promise<JobRecord> {
    return (await this.ok(`/jobs/${id}`)) as JobRecord;
  }

  async metrics(id: string): Promise<Metrics> {
    return (await this.ok(`/jobs/${id}/metrics`)) as Metrics;
  }

  async ok(path: string): Promise<unknown> {
    const { status, body } = await this.get(path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** A WebSocket client that collects all frames from `from` on; returns once it is connected. */
  async stream(id: string, from = 0): Promise<Stream> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/jobs/${id}/stream?from=${from}`);
    const frames: Frame[] = [];
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      checkMessage(frame);
      frames.push(frame);
    });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await once(socket, 'open');
    return { frames, closed };
  }

  /** Follows a job to its end and gives its record; one that did not complete is an error. */
  async completed(id: string): Promise<JobRecord> {
    await (
      await this.stream(id)
    ).closed;
    const record = await this.job(id);
    if (record.status !== 'completed')
      throw new Error(`${id} is ${record.status}: ${JSON.stringify(record.error)}\n${this.output.slice(-4000)}`);
    return record;
  }

  /** Posts a job and waits for its completion. */
  async run(spec: unknown): Promise<JobRecord> {
    return this.completed((await this.submit(spec)).id);
  }

  /** SIGTERM, and waits for the end: the exit code. */
  async stop(): Promise<number | null> {
    if (!this.exited) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
    if (this.ownsData) rmSync(this.dataDir, { recursive: true, force: true });
    return this.process.exitCode;
  }
}

async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text };
}
