import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nativeEngine } from '../src/engine/native/install/installed.js';
import { nvidiaDriver } from '../src/engine/native/install/nvidia.js';
import type { Workload } from './workloads.js';

/** Threads that each side computes with. */
export const threads = 2;

/** What each side computes on: what onecycle's engine does. */
export const device = (): 'cpu' | 'cuda' =>
  nativeEngine()?.variant === 'cuda' && nvidiaDriver() !== null && process.env.CUDA_VISIBLE_DEVICES !== '-1'
    ? 'cuda'
    : 'cpu';

/** The libraries that are measured. */
export const sideNames = ['onecycle', 'fastai', 'pytorch'] as const;
/** A library that is measured. */
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
/** A command to a side. */
export type Command = keyof Answers;
/** A side's answer to a command. */
export type Answer<C extends Command> = Answers[C];

/** One side in a process of its own, which waits for commands: so that sides can take turns. */
export class Contender {
  private readonly child: ChildProcess;
  /** What it wrote to its standard error, to be shown if it fails. */
  private errorOutput = '';
  private readonly answers: AsyncIterator<string, undefined>;

  /** @param python the interpreter, for the sides that need one */
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
      BENCH_DEVICE: device(),
    };
    // onecycle sends its frames over the channel, as a trainer does. They are dropped here.
    this.child = spawn(command, [file], {
      stdio: ['pipe', 'pipe', 'pipe', ...(side === 'onecycle' ? (['ipc'] as const) : [])],
      env,
    });
    this.child.on('message', () => undefined);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errorOutput += text));
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * Sends a command and waits for the answer.
   * @throws Error with what the process wrote to its standard error if it ends first
   */
  async do<C extends Command>(command: C, workload?: Workload): Promise<Answer<C>> {
    this.child.stdin!.write(`${JSON.stringify({ do: command, workload })}\n`);
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error(`${this.side} ended before it answered ${command}:\n${this.errorOutput}`);
    return JSON.parse(answer.value) as Answer<C>;
  }

  /** Ends the process. */
  end(): void {
    this.child.kill();
  }
}
