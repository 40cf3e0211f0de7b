/** A predictor as its worker sees it: a child process that computes what trained models answer. */
import { fork, type ChildProcess } from 'node:child_process';
import { confined } from '../../src/child-process.js';
import type { PredictionOutcome } from '../../src/jobs/prediction.js';
import type { FromPredictor, ToPredictor } from '../protocol.js';
import { type Load, LoadMeter } from './load-meter.js';
import { greeting } from './trainer-process.js';
import { Watchdog } from './watchdog.js';

/** One that gives no sign for so long while it is asked something hangs: compiling a large model takes less. */
const silenceMs = 90_000;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
/** What it is asked. */
export type Question = WithoutId<ToPredictor>;

/** One predictor, from its fork to its end. */
export class PredictorProcess {
  /** Settles when it is gone. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (outcome: PredictionOutcome) => void>();
  readonly #meter = new LoadMeter();
  #count = 0;
  #ready = false;
  #watchdog: Watchdog | null = null;

  constructor(file: string, env: NodeJS.ProcessEnv, noNetwork = false) {
    this.#child = fork(file, [], {
      ...confined(noNetwork),
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text.replace(greeting, ''));
    });
    // Whoever sends to one that is gone learns of it by `gone`.
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message: FromPredictor) => this.#hear(message));
    this.gone = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#fail();
        resolve();
      });
    });
  }

  /** Its process id; undefined where it could not be forked. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it runs and can be spoken to. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  /** What it takes of the machine. */
  get load(): Load {
    return this.#meter.load;
  }

  /** Whether it has loaded its engine: what it died of before is not what it was asked. */
  get wasReady(): boolean {
    return this.#ready;
  }

  /** Whether it computes something. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /** What it answers; `unavailable` where it ends before. */
  ask(question: Question): Promise<PredictionOutcome> {
    const id = this.#count++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#watchdog ??= new Watchdog(silenceMs, () => this.kill());
      const message: ToPredictor = { ...question, id };
      if (this.alive) this.#child.send(message);
      else this.#fail();
    });
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(message: FromPredictor): void {
    this.#watchdog?.heard();
    if (message.type === 'alive' && message.load) this.#meter.hear(message.load);
    if (message.type === 'ready') this.#ready = true;
    if (message.type !== 'done') return;
    this.#waiting.get(message.id)?.(message.outcome);
    this.#waiting.delete(message.id);
    if (this.#waiting.size === 0) this.#unwatch();
  }

  #fail(): void {
    this.#unwatch();
    const error = { code: 'unavailable', message: 'The predictor ended unexpectedly; another one starts.' } as const;
    for (const resolve of this.#waiting.values()) resolve({ type: 'failed', error });
    this.#waiting.clear();
  }

  #unwatch(): void {
    this.#watchdog?.stop();
    this.#watchdog = null;
  }
}
