/** A job's curves as its frames come: columns that grow, and go back where an attempt starts again. Pure. */
import type { Frame, Metrics } from '../../../src/client/index.js';
import { Column } from '../charts/column.js';

type Batches = Extract<Frame, { type: 'batches' }>;
type Epoch = Extract<Frame, { type: 'epoch' }>;
type Rewind = Extract<Frame, { type: 'rewind' }>;

/** An epoch that has ended. */
export type EpochRow = Metrics['epochs'][number];

/** Where an attempt started again. */
export interface Restart {
  attempt: number;
  /** The first iteration that it trained. */
  iteration: number;
}

/** Everything that a job's charts are drawn from. */
export class Curves {
  readonly iteration = new Column();
  readonly epoch = new Column();
  readonly rawLoss = new Column();
  readonly loss = new Column();
  /** A hyper's columns, one per parameter group. */
  readonly hypers = new Map<string, Column[]>();
  readonly epochs: EpochRow[] = [];
  readonly restarts: Restart[] = [];
  /** Iterations that a merged frame left out: where there are some, this is not all of the curve. */
  leftOut = 0;

  /** Curves that were read at once. */
  static of(metrics: Metrics): Curves {
    const curves = new Curves();
    curves.#append(metrics);
    curves.epochs.push(...metrics.epochs);
    return curves;
  }

  /** Takes in a frame; says whether the curves are others now. */
  add(frame: Frame): boolean {
    if (frame.type === 'batches') this.#batches(frame);
    else if (frame.type === 'epoch') this.#epoch(frame);
    else if (frame.type === 'rewind') this.#rewind(frame);
    else return false;
    return true;
  }

  #batches(frame: Batches): void {
    if ('left_out' in frame) this.leftOut += frame.left_out;
    this.#append(frame);
  }

  #append(rows: Pick<Batches, 'iteration' | 'epoch' | 'raw_loss' | 'loss' | 'hypers'>): void {
    const before = this.iteration.length;
    for (let i = 0; i < rows.iteration.length; i++) {
      this.iteration.push(rows.iteration[i]);
      this.epoch.push(rows.epoch[i]);
      this.rawLoss.push(rows.raw_loss[i] ?? NaN);
      this.loss.push(rows.loss[i] ?? NaN);
    }
    for (const [name, groups] of Object.entries(rows.hypers))
      for (const [g, values] of groups.entries()) {
        const column = this.#hyper(name, g, before);
        for (const value of values) column.push(value ?? NaN);
      }
    for (const column of this.#hyperColumns()) while (column.length < this.iteration.length) column.push(NaN);
  }

  /** A hyper that comes up later, in a second phase, had no values before. */
  #hyper(name: string, group: number, before: number): Column {
    let groups = this.hypers.get(name);
    if (groups === undefined) this.hypers.set(name, (groups = []));
    while (groups.length <= group) {
      const column = new Column();
      for (let i = 0; i < before; i++) column.push(NaN);
      groups.push(column);
    }
    return groups[group];
  }

  #epoch({ epoch, phase, train_loss, valid_loss, metrics, seconds }: Epoch): void {
    this.epochs.push({ epoch, phase, train_loss, valid_loss, metrics, seconds });
  }

  #rewind({ iteration, epoch, attempt }: Rewind): void {
    const length = this.iteration.lowerBound(iteration);
    // Earlier versions did not say it.
    const first = epoch ?? (length < this.epoch.length ? this.epoch.at(length) : Infinity);
    for (const column of [this.iteration, this.epoch, this.rawLoss, this.loss, ...this.#hyperColumns()])
      column.truncate(length);
    while ((this.epochs.at(-1)?.epoch ?? -1) >= first) this.epochs.pop();
    this.restarts.push({ attempt, iteration });
  }

  #hyperColumns(): Column[] {
    return [...this.hypers.values()].flat();
  }
}

/** A value of each epoch, where its last iteration stands; epochs without an iteration are left out. */
export function byEpoch(
  { iteration, epoch, epochs }: Pick<Curves, 'iteration' | 'epoch' | 'epochs'>,
  value: (row: EpochRow) => number | null | undefined,
): { x: Column; y: Column } {
  const [x, y] = [new Column(), new Column()];
  for (const row of epochs) {
    const last = epoch.lowerBound(row.epoch + 1) - 1;
    const it = last < 0 ? undefined : iteration.at(last);
    const v = value(row);
    if (it === undefined || v === null || v === undefined) continue;
    x.push(it);
    y.push(v);
  }
  return { x, y };
}

/** Whether a column says more than one value, so that it is worth a look. */
export function varies(column: Column): boolean {
  const found = { low: -1, high: -1 };
  column.extremes(0, column.length, found);
  return found.low >= 0 && column.at(found.low) !== column.at(found.high);
}

/** A hyper's groups, those with the same values together. */
export function distinctGroups(columns: readonly Column[]): { groups: number[]; column: Column }[] {
  const found: { groups: number[]; column: Column }[] = [];
  for (const [group, column] of columns.entries()) {
    const same = found.find((each) => equal(each.column, column));
    if (same) same.groups.push(group);
    else found.push({ groups: [group], column });
  }
  return found;
}

function equal(a: Column, b: Column): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a.at(i), b.at(i))) return false;
  return true;
}
