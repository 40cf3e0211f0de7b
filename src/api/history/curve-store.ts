/** A job's log as columns, with little of it in memory: what its frames say in the end, after every rewind. */
import type { EpochFrame, Frame, RewindFrame } from '../../jobs/index.js';
import type { Storage } from '../../storage/index.js';
import { NumberTable } from './number-table.js';
import { Spill } from './spill.js';

/** The columns that every iteration has. */
export const rowColumns = ['iteration', 'epoch', 'phase', 'raw_loss', 'loss', 'seconds'] as const;
/** Those that every epoch has. */
export const epochColumns = ['epoch', 'phase', 'train_loss', 'valid_loss', 'seconds'] as const;
/** The column of a metric of the epochs. */
export const metricColumn = (name: string): string => `metric ${name}`;
/** The column of a parameter group's hyper. */
export const hyperColumn = (name: string, group: number): string => `hyper ${group} ${name}`;

type Batches = Extract<Frame, { type: 'batches' }>;

/** Puts a log's frames together. Whoever makes one closes it. */
export class CurveStore {
  readonly #spill: Spill;
  /** A row an iteration, a row an epoch. */
  readonly rows: NumberTable;
  readonly epochs: NumberTable;
  /** Hypers by name: how many parameter groups each has. */
  readonly hypers = new Map<string, number>();
  readonly metrics = new Set<string>();

  constructor(storage: Storage, memoryBytes?: number) {
    this.#spill = new Spill(storage, memoryBytes);
    this.rows = new NumberTable(this.#spill);
    this.epochs = new NumberTable(this.#spill);
  }

  /** Adds the next frames of the log. @throws OnecycleError `disk_full` */
  async add(frames: readonly Frame[]): Promise<void> {
    for (const frame of frames)
      if (frame.type === 'batches') this.#addBatches(frame);
      else if (frame.type === 'rewind') await this.#rewind(frame);
      // An epoch before all batches is of some that were not read.
      else if (frame.type === 'epoch' && this.rows.length > 0) this.#addEpoch(frame);
    await this.rows.settle();
    await this.epochs.settle();
  }

  close(): Promise<void> {
    return this.#spill.close();
  }

  #addBatches({ iteration, epoch, phase, raw_loss, loss, hypers, progress }: Batches): void {
    const count = iteration.length;
    const same = <T>(value: T): T[] => Array<T>(count).fill(value);
    for (const [name, groups] of Object.entries(hypers))
      this.hypers.set(name, Math.max(groups.length, this.hypers.get(name) ?? 0));
    this.rows.append(
      [
        ['iteration', iteration],
        ['epoch', epoch],
        ['phase', same(phase)],
        ['raw_loss', raw_loss],
        ['loss', loss],
        ['seconds', same(progress?.seconds ?? null)],
        ...Object.entries(hypers).flatMap(([name, groups]) =>
          groups.map((values, g): [string, typeof values] => [hyperColumn(name, g), values]),
        ),
      ],
      count,
    );
  }

  #addEpoch({ epoch, phase, train_loss, valid_loss, seconds, metrics }: EpochFrame): void {
    for (const name of Object.keys(metrics)) this.metrics.add(name);
    this.epochs.append(
      [
        ['epoch', [epoch]],
        ['phase', [phase]],
        ['train_loss', [train_loss]],
        ['valid_loss', [valid_loss]],
        ['seconds', [seconds]],
        ...Object.entries(metrics).map(([name, value]): [string, [typeof value]] => [metricColumn(name), [value]]),
      ],
      1,
      true,
    );
  }

  async #rewind({ iteration, epoch }: RewindFrame): Promise<void> {
    const length = await this.rows.firstAtLeast('iteration', iteration);
    // Earlier versions did not say it.
    const first = epoch ?? (length < this.rows.length ? (await this.rows.values('epoch', [length]))[0] : null);
    await this.rows.cut(length);
    if (first !== null && first !== undefined) await this.epochs.cut(await this.epochs.firstAtLeast('epoch', first));
  }
}
