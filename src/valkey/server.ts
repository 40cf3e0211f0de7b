import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import { OnecycleError } from '../errors.js';
import { noteServer } from './find.js';
import { isGone, isServer, kill } from './process.js';
import { configure, pidOf, ping, shutdown, socketPath } from './socket.js';

/** Time to write what it holds before it is killed, and to open its socket before it counts as stuck. */
const graceMs = 5000;
/** The same where the service ends: all of it has 10 s, and what Valkey has answered for is with the kernel already. */
const stopGraceMs = 3000;

/** When the append-only file is flushed to disk: before each answer. docs/internals/performance.md compares it with others. */
const appendfsync = 'always';

/** The server process of one data folder. Whoever makes one holds the folder's lock. */
export class EmbeddedServer {
  readonly socket: string;
  #pid = 0;
  #stopping = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(
    /** Of the append-only file, the log, the process id, and the socket where its path is short enough. */
    readonly folder: string,
    /** The server's binary. */
    readonly command: string,
    readonly log: Pick<BaseLogger, 'info' | 'warn' | 'error'>,
  ) {
    this.socket = socketPath(folder);
  }

  /** Adopts a server that was left over, or starts one, and returns whether it was adopted once it answers. */
  async start(): Promise<boolean> {
    const adopted = await this.#adopt();
    if (adopted)
      await configure(this.socket, 'appendfsync', appendfsync); // an older onecycle may have started it
    else await this.#launch();
    this.#watching = this.#watch();
    return adopted;
  }

  /** Ends it and waits until it is gone. With `leave` it only stops looking after it. */
  async stop({ leave = false } = {}): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    if (leave) return;
    // One that is stopped hears nothing, and is not waited for.
    await Promise.all([shutdown(this.socket), this.#end(stopGraceMs)]);
  }

  /** Waits for its end, and kills it if that does not come. */
  async #end(limitMs = graceMs): Promise<void> {
    if (await isGone(this.#pid, this.socket, limitMs)) return;
    this.log.warn({ pid: this.#pid }, 'valkey did not stop in time and is killed');
    kill(this.#pid, this.socket, 'SIGKILL');
    await isGone(this.#pid, this.socket, graceMs);
  }

  async #adopt(): Promise<boolean> {
    const answer = await ping(this.socket);
    this.#pid = answer === 'ready' ? await pidOf(this.socket) : writtenPid(this.folder);
    if (!isServer(this.#pid, this.socket)) {
      if (answer === 'silent') return false;
      throw new OnecycleError(
        'data_folder_in_use',
        `A server that this process cannot see (in another container?) answers at ${this.socket}. Stop it.`,
      );
    }
    if (await this.#isReady()) return true;
    // It runs, but its socket is gone (a cleaner of /tmp?). It ends, and a new one takes its append-only file.
    this.log.warn({ pid: this.#pid }, 'a leftover valkey does not answer and is stopped');
    kill(this.#pid, this.socket, 'SIGTERM');
    await this.#end();
    return false;
  }

  async #launch(): Promise<void> {
    removeUnfinished(this.folder);
    const logFile = join(this.folder, 'valkey.log');
    const out = openSync(logFile, 'a');
    // Detached: a Ctrl-C at the terminal is for the service, which ends its server last.
    const child = spawn(this.command, this.#settings(), { detached: true, stdio: ['ignore', out, out] });
    closeSync(out);
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    child.unref();
    this.#pid = child.pid ?? 0;
    if (!(await Promise.race([this.#isReady(), failed]))) {
      kill(this.#pid, this.socket, 'SIGKILL');
      throw new OnecycleError(
        'valkey_failed',
        `${this.command} did not start: ${lastLine(logFile)} (all of it: ${logFile})`,
      );
    }
    noteServer(this.folder, this.command);
  }

  /**
   * No TCP port; nothing is ever thrown away to save memory. What is answered for is on disk: one flush for all that
   * came in one turn of the server's loop, so that many clients share it.
   */
  #settings(): string[] {
    const settings = {
      port: '0',
      unixsocket: this.socket,
      unixsocketperm: '700',
      'protected-mode': 'yes',
      dir: this.folder,
      pidfile: join(this.folder, 'valkey.pid'),
      daemonize: 'no',
      save: '',
      appendonly: 'yes',
      appendfsync,
      'maxmemory-policy': 'noeviction',
    };
    return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  }

  /** Waits until it answers, however long it loads. False if it ends, or says nothing for too long. */
  async #isReady(): Promise<boolean> {
    let lastHeard = Date.now();
    while (Date.now() - lastHeard < graceMs && isServer(this.#pid, this.socket)) {
      const answer = await ping(this.socket);
      if (answer === 'ready') return true;
      if (answer === 'loading') lastHeard = Date.now();
      await sleep(20);
    }
    return false;
  }

  /** Starts it again where it ends by itself: its append-only file has all that it answered for. */
  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    const pause = () =>
      sleep(500, undefined, { signal, ref: false }).then(
        () => true,
        () => false,
      );
    while (await pause()) {
      if (isServer(this.#pid, this.socket)) continue;
      this.log.error({ pid: this.#pid }, 'valkey ended unexpectedly and is started again');
      await this.#launch().catch((error: unknown) =>
        this.log.error({ err: error }, 'valkey could not be started again'),
      );
    }
  }
}

/** The process id that the server of a folder wrote there, or 0. */
function writtenPid(folder: string): number {
  try {
    return Number.parseInt(readFileSync(join(folder, 'valkey.pid'), 'utf8'), 10) || 0;
  } catch {
    return 0; // it ended as it should, or there never was one
  }
}

const lastLine = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';

/** Removes what a server that was killed left of a file that it was rewriting; no server runs now. */
function removeUnfinished(folder: string): void {
  for (const place of [folder, join(folder, 'appendonlydir')])
    for (const name of namesIn(place))
      if (/^temp-.*\.(aof|rdb)$/.test(name)) rmSync(join(place, name), { force: true });
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
