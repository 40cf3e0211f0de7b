import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Workload } from './workloads.js';

/** Everything runs with this many threads. */
export const threads = 2;

export const sideNames = ['onecycle', 'fastai', 'pytorch'] as const;
export type SideName = (typeof sideNames)[number];

const pythonFile = (name: string): string => fileURLToPath(new URL(`../../bench/python/${name}.py`, import.meta.url));
const programs: Record<SideName, (python: string) => [string, string]> = {
  onecycle: () => [process.execPath, fileURLToPath(new URL('onecycle.js', import.meta.url))],
  fastai: (python) => [python, pythonFile('fastai_learner')],
  pytorch: (python) => [python, pythonFile('pytorch_loop')],
};

/** What a long run was like after so many steps. */
export interface MemoryAt {
  steps: number;
  /** TensorFlow.js's count, and the addon's. */
  tensors: number;
  addon_tensors: number;
  resident_bytes: number;
  heap_bytes: number;
}

/** The commands that a side understands, and what it answers. */
interface Answers {
  /** Makes the model and trains one pass, as a warm-up; the time from data in memory to the first loss. */
  begin: { first_step_ms: number };
  /** Trains one pass. */
  train: { step_ms: number };
  /** Evaluates one pass. */
  evaluate: { rows_per_second: number };
  /** The most memory that the process has had so far. */
  peak_memory: { peak_bytes: number };
  /** onecycle's alone: trains on, and looks at memory at some of the steps. */
  long_run: { memory: MemoryAt[] };
}
export type Command = keyof Answers;
export type Answer<C extends Command> = Answers[C];

/** One side in a process of its own, which waits for commands: so that sides can take turns. */
export class Contender {
  private readonly child: ChildProcess;
  /** Libraries chatter here; of interest only where something fails. */
  private complaints = '';
  private readonly answers: AsyncIterator<string, undefined>;

  /** `python`: the interpreter for the sides that need one. */
  constructor(
    readonly side: SideName,
    python: string,
  ) {
    const [command, file] = programs[side](python);
    const count = String(threads);
    const env = {
      ...process.env,
      OMP_NUM_THREADS: count,
      TF_NUM_INTRAOP_THREADS: count,
      TF_NUM_INTEROP_THREADS: count,
    };
    // The fourth is where a trainer says its frames. They are dropped here.
    this.child = spawn(command, [file], {
      stdio: ['pipe', 'pipe', 'pipe', ...(side === 'onecycle' ? (['ipc'] as const) : [])],
      env,
    });
    this.child.on('message', () => undefined);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async do<C extends Command>(command: C, workload?: Workload): Promise<Answer<C>> {
    this.child.stdin!.write(`${JSON.stringify({ do: command, workload })}\n`);
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error(`${this.side} ended before it answered ${command}:\n${this.complaints}`);
    return JSON.parse(answer.value) as Answer<C>;
  }

  /** Ends the process. */
  end(): void {
    this.child.kill();
  }
}
