/** Looks into uploaded files, in processes of their own. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment, confined, mostStarts } from '../../child-process.js';
import type { FromProfiler, Profiled, ToProfiler } from '../../data/profile/protocol.js';
import { OnecycleError } from '../../errors.js';

const file = fileURLToPath(new URL('../../data/profile/child.js', import.meta.url));
/** Of JavaScript's own objects; what is found out of a file takes far less. */
const heapMegabytes = 1024;
const atOnce = 2;
/** A process that has nothing to do is kept for so long, for the next file. */
const idleMs = 10_000;

/** Runs them, some at a time. */
export class Profiler {
  readonly #all = new Set<ChildProcess>();
  /** With what ends each of them when it has been idle for long. */
  readonly #idle = new Map<ChildProcess, NodeJS.Timeout>();
  readonly #waiting: (() => void)[] = [];
  #places = atOnce;

  /**
   * Looks into a file; what it finds it writes to `out`.
   * @throws OnecycleError `invalid_dataset`
   */
  async profile(task: ToProfiler): Promise<Extract<Profiled, { type: 'done' }>> {
    while (this.#places === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#places--;
    try {
      const said = await this.#ask(task);
      if (said.type === 'done') return said;
      if (said.type === 'failed') throw new OnecycleError(said.code, said.message, said.problems);
      throw new Error(said.message);
    } finally {
      this.#places++;
      this.#waiting.shift()?.();
    }
  }

  /** Ends them, at once. */
  close(): void {
    for (const child of this.#all) child.kill('SIGKILL');
  }

  async #ask(task: ToProfiler): Promise<Profiled> {
    for (let left = mostStarts - 1; ; left--) {
      const said = await ask(this.#take() ?? this.#start(), task, (child) => this.#rest(child));
      if (said.type !== 'unheard') return said;
      if (left === 0) return { type: 'broken', message: `The process that reads files cannot start: ${said.how}.` };
    }
  }

  #start(): ChildProcess {
    const child = fork(file, [], {
      ...confined(false, [`--max-old-space-size=${heapMegabytes}`]),
      env: childEnvironment(process.env),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#all.add(child);
    child.once('exit', () => {
      this.#all.delete(child);
      this.#leave(child);
    });
    return child;
  }

  #rest(child: ChildProcess): void {
    const end = (): void => {
      this.#leave(child);
      child.kill('SIGKILL');
    };
    this.#idle.set(child, setTimeout(end, idleMs).unref());
  }

  #take(): ChildProcess | undefined {
    for (const child of this.#idle.keys()) {
      this.#leave(child);
      return child;
    }
    return undefined;
  }

  #leave(child: ChildProcess): void {
    clearTimeout(this.#idle.get(child));
    this.#idle.delete(child);
  }
}

/** Gives a file to a process; `rest` is told when it has answered. `unheard`: it ended before it knew of the file. */
function ask(
  child: ChildProcess,
  task: ToProfiler,
  rest: (child: ChildProcess) => void,
): Promise<Profiled | { type: 'unheard'; how: string }> {
  return new Promise((resolve, reject) => {
    let begun = false;
    const answered = (message: FromProfiler): void => {
      begun = true;
      if (message.type === 'begun') return;
      settle();
      rest(child);
      resolve(message);
    };
    const failed = (error: Error): void => {
      settle();
      reject(error);
    };
    const ended = (code: number | null, signal: string | null): void => {
      const how = signal ?? `exit code ${code ?? 'unknown'}`;
      if (!begun) {
        settle();
        resolve({ type: 'unheard', how });
        return;
      }
      const detail = `The process that read the file ended (${how}): the file needs too much memory, or was made to crash its reader`;
      failed(new OnecycleError('invalid_dataset', detail, [{ pointer: '', detail }]));
    };
    const settle = () => child.off('message', answered).off('error', failed).off('exit', ended);
    child.on('message', answered).on('error', failed).on('exit', ended);
    // One that is gone already is heard of by its end.
    child.send(task, () => undefined);
  });
}
