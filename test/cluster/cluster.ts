/** Two hosts of workers, two APIs, one Redis behind a link that can be slow; one folder for storage, or one S3. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findServer } from '../../src/valkey/find.js';
import { root, Server, temporaryFolder } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import { freePort } from '../free-port.js';
import { end } from '../jobs/harness.js';
import { startS3, type S3Server } from '../storage/s3-server.js';
import { faketime, Host } from './host.js';
import { Relay } from './relay.js';

interface WorkerInfo {
  host: string;
  job: string | null;
  engine: unknown;
}

/** A worker on a host, and what it has said. */
export interface RunningWorker {
  host: Host;
  process: ChildProcess;
  output: string;
}

/** Where the cluster has its files. */
export type StorageKind = 'folder' | 's3';

export class Cluster {
  readonly folder = temporaryFolder();
  readonly hosts: Host[] = [];
  readonly workers = new Map<string, RunningWorker>();
  /** Each host's link to what runs here. */
  readonly relays: Relay[] = [];
  #valkey: ChildProcess | undefined;
  #redisPort = 0;
  #s3: S3Server | null = null;
  #s3Port = 0;
  /** Both are equal: each case uses them by turns. */
  apis: Server[] = [];

  /** Starts all but the workers. */
  static async start(storage: StorageKind): Promise<Cluster> {
    const cluster = new Cluster();
    try {
      await cluster.#start(storage);
      return cluster;
    } catch (error) {
      await cluster.remove();
      throw error;
    }
  }

  async #start(storage: StorageKind): Promise<void> {
    const port = await freePort();
    this.#redisPort = await this.#relayed(port);
    const settings = { port, dir: this.folder, appendonly: 'yes', appendfsync: 'always', save: '' };
    this.#valkey = spawn(
      await findServer(this.folder, () => undefined),
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    if (storage === 's3') {
      this.#s3 = await startS3();
      this.#s3Port = await this.#relayed(Number(new URL(this.#s3.endpoint).port));
    }
    const redis = { REDIS_URL: `redis://127.0.0.1:${port}`, ONECYCLE_WORKERS: '0' };
    const env = { ...redis, ...this.#storageAt('127.0.0.1') };
    const command: [string, ...string[]] = [process.execPath, 'bin/onecycle.js', 'api'];
    for (const name of ['one', 'two'])
      this.apis.push(await Server.start({ env, dataDir: this.#dataOf(name), command }));
    for (const [i, name] of ['left', 'right'].entries()) this.hosts.push(new Host(name, i + 1));
  }

  /** A port of all addresses behind which another one is, by a link that can be slow. */
  async #relayed(target: number): Promise<number> {
    const port = await freePort();
    this.relays.push(new Relay(port, target));
    return port;
  }

  /** What a process needs to find the storage, from where this machine is at `address`. */
  #storageAt(address: string): NodeJS.ProcessEnv {
    if (this.#s3 === null) return {};
    const { env, bucket } = this.#s3;
    return { ...env, ONECYCLE_STORAGE: `s3://${bucket}/team`, AWS_ENDPOINT_URL: `http://${address}:${this.#s3Port}` };
  }

  /** A process's data folder: all have one where it is the storage; else each has its own, as on machines of their own. */
  #dataOf(name: string): string {
    return this.#s3 === null ? this.folder : join(this.folder, name);
  }

  /** Starts a worker on a host, with a clock that is off by `offset` (`+1h`), and waits until its engine is loaded. */
  async work(host: Host, offset?: string): Promise<RunningWorker> {
    const library = offset === undefined ? null : faketime();
    const child = host.start(
      [process.execPath, 'bin/onecycle.js', 'worker', '--redis', `redis://${host.address}:${this.#redisPort}`],
      {
        ...process.env,
        ONECYCLE_DATA_DIR: this.#dataOf(host.name),
        ...this.#storageAt(host.address),
        ONECYCLE_ENGINE: 'tensorflow',
        ONECYCLE_DEVICES: 'cpu',
        // A fixed count is a condition of equal bits.
        TF_NUM_INTRAOP_THREADS: '1',
        ...(library !== null && { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' }),
      },
      root,
    );
    const worker: RunningWorker = { host, process: child, output: '' };
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (worker.output += text));
    this.workers.set(host.name, worker);
    await until(
      `the worker on ${host.name} has loaded its engine`,
      async () => (await this.seen()).some((each) => each.host === host.name && each.engine !== null),
      120_000,
    );
    return worker;
  }

  /** Workers as the APIs tell. */
  async seen(): Promise<WorkerInfo[]> {
    return ((await this.apis[1].ok('/workers')) as { data: WorkerInfo[] }).data;
  }

  /** The host on which a job runs. */
  async hostOf(job: string): Promise<Host> {
    return until(
      'a worker says that it has the job',
      async () => {
        const name = (await this.seen()).find((each) => each.job === job)?.host;
        return this.hosts.find((host) => host.name === name) ?? null;
      },
      120_000,
    );
  }

  /** Ends a host's worker. */
  async stop(host: Host): Promise<void> {
    const worker = this.workers.get(host.name);
    this.workers.delete(host.name);
    if (worker) await end(worker.process, 'SIGTERM');
  }

  /** Leaves nothing behind. */
  async remove(): Promise<void> {
    for (const host of this.hosts) {
      host.mend();
      await this.stop(host);
    }
    for (const api of this.apis) await api.stop();
    for (const relay of this.relays) relay.close();
    if (this.#valkey) await end(this.#valkey, 'SIGTERM');
    await this.#s3?.remove();
    for (const host of this.hosts) host.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
