/** A Redis of its own, jobs on it, and real worker processes with the fixture's trainer. */
import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultLimits, type JobLimits } from '../../src/config.js';
import { Jobs, isTerminal, parseFrame, type Frame, type JobRecord } from '../../src/jobs/index.js';
import { findServer } from '../../src/valkey/find.js';
import { openRedis, type Client } from '../../src/jobs/redis/client.js';
import type { JobSpec } from '../../src/request/spec.js';
import { completeOptimizer } from '../../src/optimizer/index.js';
import { dataStorage, type Storage } from '../../src/storage/index.js';

/** The trainer that trains. */
export const realTrainer = fileURLToPath(new URL('../../workers/trainer/main.js', import.meta.url));

const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface World {
  folder: string;
  address: { path: string };
  redis: Client;
  storage: Storage;
  jobs: Jobs;
  /** Starts a worker process; ends it with the test. An `orphan` loses its parent before it has loaded its modules. */
  worker(options?: {
    device?: string;
    trainer?: string;
    env?: NodeJS.ProcessEnv;
    orphan?: boolean;
  }): Promise<ChildProcess>;
  /** Ends the server, by SIGTERM unless it is said otherwise. */
  stopRedis(signal?: NodeJS.Signals): Promise<void>;
  /** Starts a server that was ended again, on the same data. */
  startRedis(): Promise<void>;
  /** Sends the server a signal that does not end it: SIGSTOP, SIGCONT. */
  signalRedis(signal: NodeJS.Signals): void;
  /** Ends the server by `signal` and starts it again on the same data. */
  restartRedis(signal: NodeJS.Signals): Promise<void>;
}

/** Sets all up for one test, and takes it down after it. */
export async function world(
  t: TestContext,
  limits: Partial<JobLimits> = {},
  apiKeys: readonly string[] = [],
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-jobs-'));
  const address = { path: join(folder, 'redis.sock') };
  let server = await startRedis(folder, address.path);
  const redis = openRedis(address, 'patient');
  const storage = dataStorage(folder);
  const jobs = await Jobs.connect(address, storage, { ...defaultLimits, ...limits }, apiKeys);
  const workers: ChildProcess[] = [];
  t.after(async () => {
    await Promise.all(workers.map((each) => end(each, 'SIGKILL')));
    await jobs.close();
    redis.disconnect();
    await end(server, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    address,
    redis,
    storage,
    jobs,
    async worker({
      device = 'cpu',
      trainer = built('test/jobs/fixtures/trainer.js'),
      env: more = {},
      orphan = false,
    } = {}) {
      const env = {
        ...process.env,
        ONECYCLE_SLOTS: '1',
        ...more,
        ONECYCLE_DEVICE: device,
        ONECYCLE_DATA_DIR: folder,
        ONECYCLE_REDIS_SOCKET: address.path,
        ONECYCLE_TRAINER: trainer,
        ...more,
      };
      const started = fork(built('workers/worker/main.js'), {
        env: { ...env, REDIS_URL: undefined, ONECYCLE_LOG_LEVEL: process.env.TEST_LOG ?? 'silent' },
      });
      workers.push(started);
      if (orphan) {
        started.disconnect();
        return started;
      }
      await until(
        'the worker lives',
        async () => (await jobs.workers()).some(({ pid }) => pid === started.pid) || null,
      );
      return started;
    },
    async stopRedis(signal = 'SIGTERM') {
      await end(server, signal);
    },
    async startRedis() {
      server = await startRedis(folder, address.path);
    },
    signalRedis(signal) {
      server.kill(signal);
    },
    async restartRedis(signal) {
      await end(server, signal);
      server = await startRedis(folder, address.path);
    },
  };
}

async function startRedis(folder: string, socket: string): Promise<ChildProcess> {
  const options = { port: 0, unixsocket: socket, dir: folder, appendonly: 'yes', appendfsync: 'always', save: '' };
  const server = spawn(
    await findServer(folder, () => undefined),
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: 'ignore' },
  );
  const client = openRedis({ path: socket }, 'patient');
  await client.ping();
  client.disconnect();
  return server;
}

/** Ends a process and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Asks until there is an answer other than null. */
export async function until<T>(what: string, ask: () => T | null | Promise<T | null>, limitMs = 30_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    assert.ok(Date.now() < deadline, `gave up waiting until ${what}`);
    await sleep(10);
  }
}

/** Waits until a worker has found nothing to do, and waits for a job. */
export const waitsForWork = (redis: Client): Promise<true> =>
  until('a worker waits for a job', async () =>
    ((await redis.client('LIST')) as string).includes('cmd=bzpopmin') ? true : null,
  );

export const reaches = (jobs: Jobs, id: string, ...statuses: string[]): Promise<JobRecord> =>
  until(`${id} is ${statuses.join(' or ')}`, async () => {
    const record = await jobs.get(id);
    if (record && isTerminal(record.status))
      assert.ok(statuses.includes(record.status), `${id} is ${record.status}: ${JSON.stringify(record.error)}`);
    return record && statuses.includes(record.status) ? record : null;
  });

/** The job's log up to its end. */
export async function wholeLog(jobs: Jobs, id: string, from = 0): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of jobs.follow(id, from, AbortSignal.timeout(30_000))) frames.push(parseFrame(frame));
  return frames;
}

/** Stored frames of the log, with their values. */
export const readFrames = async (jobs: Jobs, id: string, from = 0, count?: number): Promise<Frame[]> =>
  (await jobs.readLog(id, from, count)).map(parseFrame);

/** A log in short: `queued`, `running`, `batches`, `epoch`, `rewind`, …, a run of batches once. */
export const outline = (frames: readonly Frame[]): string[] =>
  frames
    .map((frame) => (frame.type === 'status' ? frame.status : frame.type))
    .filter((name, i, all) => name !== 'batches' || all[i - 1] !== 'batches');

/** The iterations of each attempt. */
export const iterations = (frames: readonly Frame[], attempt: number): number[] =>
  frames.flatMap((frame) => (frame.type === 'batches' && frame.attempt === attempt ? frame.iteration : []));

export const spec = (tags: Record<string, string> = {}, more: Partial<JobSpec> = {}): JobSpec => ({
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
  batch_size: 64,
  shuffle: true,
  drop_last: true,
  seed: 42,
  split: { valid_pct: 0.2, seed: 42 },
  loss: 'cross_entropy',
  metrics: [],
  optimizer: completeOptimizer({ name: 'adam' }),
  train_bn: true,
  wd_bn_bias: false,
  callbacks: [],
  tags,
  max_attempts: 3,
  timeout_seconds: null,
  stall_seconds: 300,
  checkpoint_seconds: 30,
  keep_checkpoints: 2,
  priority: 0,
  device: 'auto',
  ...more,
});

/** Waits until a job trains: its log has batches of an attempt. */
export const trains = (w: World, id: string, attempt = 1): Promise<true> =>
  until(`${id} trains in attempt ${attempt}`, async () =>
    (await readFrames(w.jobs, id)).some((frame) => frame.type === 'batches' && frame.attempt === attempt) ? true : null,
  );

/** A file that lets gated trainers end, once it is opened. */
export const gate = (world: World, name = 'gate'): { tags: { gate: string }; open: () => Promise<void> } => {
  const file = join(world.folder, name);
  return { tags: { gate: file }, open: () => writeFile(file, '') };
};

/** Processes whose parent this is. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

/**
 * Of a worker's children those that are trainers: another may look what the system can do, or is yet to become one, by
 * programs that give rights away.
 */
export const trainersOf = (pid: number): number[] =>
  childrenOf(pid).filter((child) => {
    try {
      const [program, ...rest] = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0');
      return program === process.execPath && rest.some((each) => each.includes('trainer'));
    } catch {
      return false;
    }
  });

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
