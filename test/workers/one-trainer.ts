/** One trainer process, driven by its messages: no worker, no queue. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobSpec } from '../../src/request/spec.js';
import type { FromTrainer, ToTrainer } from '../../workers/protocol.js';
import { realTrainer } from '../jobs/harness.js';

type Said<Type extends FromTrainer['type']> = Extract<FromTrainer, { type: Type }>;

/** What a trainer said of a job. */
export interface Heard {
  losses: (number | null)[];
  ending: Said<'completed' | 'failed' | 'stopped'>;
  /** Whether it takes another job, else why not. */
  after: Said<'idle' | 'worn'>;
  /** Of the weights' file; null where there is none. */
  weights: string | null;
}

export class OneTrainer {
  readonly child: ChildProcess;
  private readonly heard: FromTrainer[] = [];
  private readonly ready: Promise<unknown>;
  private jobs = 0;

  constructor(env: NodeJS.ProcessEnv = {}) {
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const;
    this.child = fork(realTrainer, { serialization: 'advanced', env: { ...process.env, ...env }, stdio: [...stdio] });
    this.ready = new Promise<void>((resolve, reject) => {
      this.child.on('message', (message: FromTrainer) => {
        if (message.type === 'ready') resolve();
        else this.heard.push(message);
      });
      this.child.once('exit', (code) => reject(new Error(`The trainer has ended: ${String(code)}`)));
    });
    this.ready.catch(() => undefined);
  }

  /** Runs a job to its end; `onFrame` is called at each of its frames. */
  async run(spec: JobSpec, onFrame: () => void = () => undefined): Promise<Heard> {
    const out = mkdtempSync(join(tmpdir(), 'onecycle-trainer-'));
    try {
      await this.ready;
      const job = `job_${this.jobs++}`;
      this.say({ type: 'start', job, attempt: 1, spec, out, files: {}, resume: [] });
      const losses: Heard['losses'] = [];
      for (;;) {
        const message = await this.next();
        if (message.type === 'frame') {
          if (message.frame.type === 'batches') losses.push(...message.frame.raw_loss);
          onFrame();
        }
        if (message.type !== 'completed' && message.type !== 'failed' && message.type !== 'stopped') continue;
        const weights = message.type === 'completed' ? sha256(join(out, 'weights.safetensors')) : null;
        const after = await this.next();
        if (after.type !== 'idle' && after.type !== 'worn') throw new Error(`It said ${after.type} after its ending`);
        return { losses, ending: message, after, weights };
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  }

  say(message: ToTrainer): void {
    this.child.send(message);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private async next(): Promise<FromTrainer> {
    for (;;) {
      const message = this.heard.shift();
      if (message === undefined) await once(this.child, 'message', { signal: AbortSignal.timeout(60_000) });
      else if (message.type !== 'alive') return message;
    }
  }
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
