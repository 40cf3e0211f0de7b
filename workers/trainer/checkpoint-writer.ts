import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkpointFile, type Checkpoint, type CheckpointSink, type Learner } from '../../src/learner/index.js';
import type { FromTrainer, MadeCheckpoint } from '../protocol.js';
import { finiteValues } from '../finite.js';
import { type ToWrite, writeCheckpoint, type Written } from './write-checkpoint.js';

type Made = Omit<MadeCheckpoint, 'sha256'>;

/** Writing a smaller one keeps training for a millisecond; starting the thread takes many. */
const threadBytes = 2 ** 20;

/**
 * Writes an attempt's checkpoints to a folder, beside training, and says of each that it is there. The worker brings
 * them to storage, which may be slow or away: until it has said so of the last one, none is due.
 */
export class CheckpointWriter implements CheckpointSink {
  /** Started by the first large checkpoint. */
  private thread: Worker | null = null;
  /** Settles when all small ones so far are written. */
  private small: Promise<void> = Promise.resolve();
  /** By number, until they are written. */
  private readonly waiting = new Map<number, { file: string; made: Made }>();
  /** Those that are written, and still on their way to storage. */
  private onTheirWay = 0;
  private count = 0;
  /** Memory of the last checkpoint, for the next one. */
  private spare: ArrayBuffer | null = null;
  /** A best epoch's, while another is not kept yet: the next best may take its place. */
  private best: Checkpoint | null = null;
  private idle: () => void = () => undefined;

  /** `metadata` goes into each; `onSave` is called before one is made. */
  constructor(
    private readonly learn: Learner,
    private readonly folder: string,
    private readonly metadata: Record<string, string>,
    private readonly say: (message: FromTrainer) => void,
    private readonly onSave: () => void,
  ) {}

  get busy(): boolean {
    return this.waiting.size > 0 || this.onTheirWay > 0;
  }

  save(checkpoint: Checkpoint, reason: MadeCheckpoint['reason'], name?: string): void {
    this.onSave();
    // Where epochs are short, each of the first ones may be the best so far: the disk need not see them all.
    if (reason === 'best' && this.busy) this.best = checkpoint;
    else {
      this.writeBest();
      this.write(checkpoint, reason, name);
    }
  }

  /** Hears that the oldest of those that are written is kept, or given up. */
  kept(): void {
    this.onTheirWay--;
    this.goOn();
  }

  private goOn(): void {
    if (!this.busy) this.writeBest();
  }

  private writeBest(): void {
    const { best } = this;
    this.best = null;
    if (best !== null) this.write(best, 'best');
  }

  private write(checkpoint: Checkpoint, reason: MadeCheckpoint['reason'], name?: string): void {
    const number = this.count++;
    const file = `checkpoint-${number}.safetensors`;
    const bytes = this.joined(checkpointFile(this.learn, checkpoint, this.metadata));
    this.waiting.set(number, { file, made: madeOf(checkpoint, reason, name, bytes.byteLength) });
    const message: ToWrite = { number, path: join(this.folder, file), bytes };
    if (bytes.byteLength < threadBytes)
      this.small = this.small.then(() => writeCheckpoint(message)).then((written) => this.tell(written));
    else (this.thread ??= this.startThread()).postMessage(message, [bytes]);
  }

  private startThread(): Worker {
    const thread = new Worker(new URL('./checkpoint-thread.js', import.meta.url), { execArgv: [] });
    thread.unref();
    return thread.on('message', (written: Written) => this.tell(written));
  }

  /** Settles when all are written, or have failed to be, whatever of them is kept. */
  async settled(): Promise<void> {
    this.writeBest();
    if (this.waiting.size > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  /** Ends its thread. Whatever is not written by then may never be. */
  dispose(): void {
    void this.thread?.terminate();
  }

  private joined(parts: readonly Uint8Array[]): ArrayBuffer {
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const bytes = this.spare?.byteLength === length ? this.spare : new ArrayBuffer(length);
    this.spare = null;
    const view = new Uint8Array(bytes);
    let offset = 0;
    for (const part of parts) {
      view.set(part, offset);
      offset += part.byteLength;
    }
    return bytes;
  }

  private tell(written: Written): void {
    const { file, made } = this.waiting.get(written.number)!;
    this.waiting.delete(written.number);
    this.spare = written.bytes;
    if ('sha256' in written) {
      this.onTheirWay++;
      this.say({ type: 'checkpoint', file, checkpoint: { ...made, sha256: written.sha256 } });
    } else this.say({ type: 'checkpoint_failed', reason: made.reason, message: written.error });
    this.goOn();
    if (this.waiting.size === 0) this.idle();
  }
}

function madeOf(
  { position, snapshot, lastEpoch }: Checkpoint,
  reason: MadeCheckpoint['reason'],
  name: string | undefined,
  bytes: number,
): Made {
  const { phase } = position;
  const { epochsDone: epoch, iterationsDone: iteration } = snapshot;
  const { train_loss, valid_loss, metrics } = lastEpoch ?? { train_loss: null, valid_loss: null, metrics: {} };
  const values = lastEpoch === null ? {} : { train_loss, valid_loss, ...metrics };
  return { phase, epoch, iteration, reason, name: name ?? null, bytes, metrics: finiteValues(values) };
}
