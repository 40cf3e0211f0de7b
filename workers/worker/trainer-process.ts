/** A trainer as its worker sees it: a child process that runs one attempt after another. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { confined, type ChildUser } from '../../src/child-process.js';
import type { Share } from '../../src/jobs/slots.js';
import type { EngineInfo, FromTrainer, ToTrainer } from '../protocol.js';
import { type Load, LoadMeter } from './load-meter.js';

/** As much of the end of its stderr is kept, to say why it died. */
const keptStderrCharacters = 4000;
/** TensorFlow says so at every start, before it looks at its own log level. */
export const greeting =
  /^(WARNING: All log messages before absl::InitializeLog\(\)|I0000 .*oneDNN custom operations are on).*\n/gm;

/** Pictures are decoded by libuv's threads, of which Node has 4 unless it is told at its start: every core should. */
const decodingThreads = String(Math.max(4, availableParallelism()));

/** One trainer, from its fork to its end. */
export class TrainerProcess {
  /** Rejects where it ends before it is ready, or says that it never will be. */
  readonly ready: Promise<EngineInfo>;
  /** Settles when it is gone and all it said has been heard: what it died of. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  #listener: (message: FromTrainer) => void = () => undefined;
  readonly #meter = new LoadMeter();
  #stderr = '';
  #busy = false;
  #begun = false;
  #killed = false;
  #worn: string | null = null;
  #onIdle: () => void = () => undefined;

  /** `share`: what its environment says it has of its worker; `user`: whom it runs as, null: as this process. */
  constructor(
    file: string,
    env: NodeJS.ProcessEnv,
    readonly share: Share,
    { noNetwork = false, user = null }: { noNetwork?: boolean; user?: ChildUser | null } = {},
  ) {
    this.#child = fork(file, [], {
      ...confined(noNetwork, process.execArgv, user),
      env: { UV_THREADPOOL_SIZE: decodingThreads, ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderrCharacters);
      process.stderr.write(text.replace(greeting, ''));
    });
    // Whoever sends to a trainer that is gone learns of it by `gone`.
    this.#child.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.#child.once('close', (code, signal) =>
        resolve(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`),
      );
    });
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromTrainer) => {
        this.#begun ||= this.#busy;
        if (message.type === 'alive' && message.load) this.#meter.hear(message.load);
        if (message.type === 'ready') resolve(message.engine);
        else if (message.type === 'idle') this.#idle();
        else if (message.type === 'worn') this.#worn = message.why;
        else this.#listener(message);
      });
      void this.gone.then((why) => reject(new Error(`The trainer ended before it was ready: ${why}.`)));
    });
    // A trainer that is kept warm may die with nobody waiting for it.
    this.ready.catch(() => undefined);
  }

  /** Its process id; undefined where it could not be forked. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it runs and can be spoken to. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  /** The end of its stderr. */
  get lastWords(): string {
    return this.#stderr;
  }

  /** Whether SIGKILL ended it, and not by `kill`. */
  get killedByOthers(): boolean {
    return this.#child.signalCode === 'SIGKILL' && !this.#killed;
  }

  /** Why it has ended by itself after an attempt; null where it has not. */
  get worn(): string | null {
    return this.#worn;
  }

  /** Hears what it says of an attempt from now on. */
  listen(listener: (message: FromTrainer) => void): void {
    this.#listener = listener;
  }

  /** What it takes of the machine. */
  get load(): Load {
    return this.#meter.load;
  }

  /** Whether it was given an attempt that it is not done with. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Whether it has said a word since it was given its last attempt. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Says something to it; nothing happens where it is gone. */
  send(message: ToTrainer): void {
    if (message.type === 'start') {
      this.#busy = true;
      this.#begun = false;
      this.#stderr = ''; // its last words are this attempt's
    }
    if (this.#child.connected) this.#child.send(message);
  }

  /** Settles when nothing is left of its attempt, or it is gone: whether it can be given another. */
  async cleared(): Promise<boolean> {
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#busy) await Promise.race([idle, this.gone]);
    return this.alive;
  }

  /** Ends it at once. */
  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  #idle(): void {
    this.#busy = false;
    this.#onIdle();
  }
}
