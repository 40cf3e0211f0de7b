import type { BatchRecord } from '../../src/learner/index.js';
import type { BatchesFrame } from '../protocol.js';

/** How often a frame goes out, and how many batches go together at most: a slow step waits for no company. */
const flushEveryMs = 20;
const maxBatches = 4096;

/** Puts the records of consecutive batches together into columnar frames, and hands each on. */
export class FrameBuffer {
  private records: BatchRecord[] = [];
  private flushedMs = 0;

  constructor(private readonly emit: (frame: BatchesFrame) => void) {}

  /** Takes in one batch. What has come together goes out where it is time, or another phase begins. */
  add(record: BatchRecord): void {
    if (this.records.length > 0 && this.records[0].phase !== record.phase) this.flush();
    this.records.push(record);
    if (this.records.length >= maxBatches || performance.now() - this.flushedMs >= flushEveryMs) this.flush();
  }

  /** Hands on what has come together. */
  flush(): void {
    const { records } = this;
    if (records.length === 0) return;
    this.records = [];
    this.flushedMs = performance.now();
    this.emit(columns(records));
  }
}

function columns(records: readonly BatchRecord[]): BatchesFrame {
  const { phase, hypers } = records[0];
  const row = (name: string, group: number) => records.map((record) => record.hypers[name][group]);
  return {
    type: 'batches',
    phase,
    epoch: records.map(({ epoch }) => epoch),
    iteration: records.map(({ iteration }) => iteration),
    raw_loss: records.map(({ raw_loss }) => raw_loss),
    loss: records.map(({ loss }) => loss),
    hypers: Object.fromEntries(
      Object.entries(hypers).map(([name, groups]) => [name, groups.map((_, group) => row(name, group))]),
    ),
  };
}
