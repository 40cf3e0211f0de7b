/** A part of a job's curves, of no more rows than a client can use, handed out some rows at a time. */
import type { EpochFrame } from '../../jobs/index.js';
import { buckets, extremes, type Cell } from '../../numbers/thin.js';
import type { Columns } from '../columns.js';
import { epochColumns, hyperColumn, metricColumn, rowColumns, type CurveStore } from './curve-store.js';
import type { NumberTable } from './number-table.js';

/** Which part: from the first to the last of these iterations, at most `points` (1 or more) of them. */
export interface Part {
  from?: number;
  to?: number;
  points?: number;
}

type EpochRow = Omit<EpochFrame, 'type'>;

/** Rows of a table from one to before another. */
interface Range {
  from: number;
  to: number;
}

/** All rows of a range, or these. */
type Rows = Range | readonly number[];

/** Rows that are read at once. */
const pageRows = 1024;

/** The rows that were asked for, thinned so that no spike is lost. */
export class Curves {
  readonly #store: CurveStore;
  readonly #rows: Rows;
  readonly #epochs: Rows;

  private constructor(store: CurveStore, rows: Rows, epochs: Rows) {
    this.#store = store;
    this.#rows = rows;
    this.#epochs = epochs;
  }

  /**
   * The iterations of a range and the epochs that they belong to, at most `points` of each: iterations thinned by
   * `raw_loss`, epochs by `valid_loss`, or by `train_loss` where no rows validate.
   */
  static async of(store: CurveStore, part: Part = {}): Promise<Curves> {
    const range = await rangeOf(store.rows, part);
    const rows = await thinned(store.rows, 'raw_loss', range, part.points);
    return new Curves(store, rows, await epochsOf(store, range, part.points));
  }

  /**
   * The same of a store that has only the rows that stay, `kept` of them in the range; its first row too, and those
   * around it, which tell the epochs.
   */
  static async ofThinned(store: CurveStore, part: Part, kept: number): Promise<Curves> {
    const range = await rangeOf(store.rows, part);
    const rows = { from: range.to - kept, to: range.to };
    return new Curves(store, rows, await epochsOf(store, range, part.points));
  }

  /** How many iterations. */
  get length(): number {
    return countOf(this.#rows);
  }

  /** Hypers by name, and how many parameter groups each has. */
  get hypers(): [name: string, groups: number][] {
    return [...this.#store.hypers];
  }

  get metrics(): string[] {
    return [...this.#store.metrics];
  }

  /** The values of a column of the iterations, some at a time. */
  async *cells(column: string): AsyncGenerator<Cell[]> {
    for (const rows of pages(this.#rows))
      yield (await this.#store.rows.values(column, rows)).map((value) => value ?? null);
  }

  /** The epochs, some at a time. */
  async *epochs(): AsyncGenerator<EpochRow[]> {
    for (const rows of pages(this.#epochs)) yield await readEpochs(this.#store, rows);
  }

  /** Some iterations at a time, each time with the epochs whose last one is among them. */
  async *blocks(): AsyncGenerator<Columns> {
    const ended = this.#epochsOneByOne();
    let epoch = await ended.next();
    let ahead: Columns | null = null;
    const take = async (block: Columns, following: number | undefined): Promise<Columns> => {
      for (const [row, each] of block.epoch.entries()) {
        if (each === (block.epoch[row + 1] ?? following)) continue;
        while (!epoch.done && epoch.value.epoch < each) epoch = await ended.next();
        if (!epoch.done && epoch.value.epoch === each) block.epochs.push(epoch.value);
      }
      return block;
    };
    for (const rows of pages(this.#rows)) {
      const block = await this.#block(rows);
      if (ahead) yield await take(ahead, block.epoch[0]);
      ahead = block;
    }
    if (ahead) yield await take(ahead, undefined);
  }

  /** All of it at once: for what is known to be small, or thinned. */
  async columns(): Promise<Columns> {
    const { rows } = this.#store;
    const all = Array.isArray(this.#rows) ? this.#rows : [...pages(this.#rows)].flat();
    return { ...(await columnsOf(this.#store, rows, all)), epochs: await allOf(this.epochs()) };
  }

  #block(rows: readonly number[]): Promise<Columns> {
    return columnsOf(this.#store, this.#store.rows, rows);
  }

  async *#epochsOneByOne(): AsyncGenerator<EpochRow> {
    for await (const some of this.epochs()) yield* some;
  }
}

async function columnsOf({ hypers }: CurveStore, table: NumberTable, rows: readonly number[]): Promise<Columns> {
  const cells = async (name: string): Promise<Cell[]> => (await table.values(name, rows)).map((value) => value ?? null);
  const counts = async (name: string): Promise<number[]> => (await cells(name)).map(Number);
  const [iteration, epoch, phase] = [await counts('iteration'), await counts('epoch'), await counts('phase')];
  const [raw_loss, loss, seconds] = [await cells('raw_loss'), await cells('loss'), await cells('seconds')];
  const columns: Columns = { iteration, epoch, phase, raw_loss, loss, seconds, hypers: {}, epochs: [] };
  for (const [name, groups] of hypers) {
    columns.hypers[name] = [];
    for (let g = 0; g < groups; g++) columns.hypers[name].push(await cells(hyperColumn(name, g)));
  }
  return columns;
}

async function readEpochs({ epochs, metrics }: CurveStore, rows: readonly number[]): Promise<EpochRow[]> {
  const columns = new Map<string, (Cell | undefined)[]>();
  for (const name of [...epochColumns, ...[...metrics].map(metricColumn)])
    columns.set(name, await epochs.values(name, rows));
  return rows.map((_, i) => {
    const value = (name: string): Cell => columns.get(name)?.[i] ?? null;
    const had = [...metrics].filter((name) => columns.get(metricColumn(name))?.[i] !== undefined);
    return {
      epoch: Number(value('epoch')),
      phase: Number(value('phase')),
      train_loss: value('train_loss'),
      valid_loss: value('valid_loss'),
      metrics: Object.fromEntries(had.map((name) => [name, value(metricColumn(name))])),
      seconds: Number(value('seconds')),
    };
  });
}

/** The rows of a part. */
async function rangeOf(rows: NumberTable, { from = 0, to = Infinity }: Part): Promise<Range> {
  const start = await rows.firstAtLeast('iteration', from);
  return { from: start, to: Math.max(start, await rows.firstAtLeast('iteration', to + 1)) };
}

/** The epochs of some iterations, thinned. */
async function epochsOf(store: CurveStore, rows: Range, points?: number): Promise<Rows> {
  const span = await endedIn(store, rows.from, rows.to);
  const validated = await hasValue(store.epochs, 'valid_loss', span);
  return thinned(store.epochs, validated ? 'valid_loss' : 'train_loss', span, points);
}

/** The epochs that have ended of some iterations; of all of them all epochs, the ones without an iteration too. */
async function endedIn({ rows, epochs }: CurveStore, start: number, end: number): Promise<Range> {
  const epochAt = async (row: number): Promise<number> => (await rows.numbers('epoch', row, row + 1))[0];
  const from = start === 0 ? 0 : start < rows.length ? await epochs.firstAtLeast('epoch', await epochAt(start)) : null;
  if (from === null) return { from: epochs.length, to: epochs.length };
  if (end === rows.length) return { from, to: epochs.length };
  const to = end === 0 ? 0 : await epochs.firstAtLeast('epoch', (await epochAt(end - 1)) + 1);
  return { from, to: Math.max(from, to) };
}

async function hasValue(table: NumberTable, column: string, { from, to }: Range): Promise<boolean> {
  for (let row = from; row < to; row += pageRows)
    if ((await table.numbers(column, row, Math.min(row + pageRows, to))).some(Number.isFinite)) return true;
  return false;
}

/** As `thin` has it, of a column that is read once. */
async function thinned(table: NumberTable, column: string, { from, to }: Range, most = Infinity): Promise<Rows> {
  if (to - from <= most) return { from, to };
  const kept: number[] = [];
  for (const [start, end] of buckets(to - from, most)) {
    const numbers = await table.numbers(column, from + start, from + end);
    const rows = extremes(numbers, 0, numbers.length).slice(0, most);
    kept.push(...rows.sort((a, b) => a - b).map((row) => from + start + row));
  }
  return kept;
}

const isRange = (rows: Rows): rows is Range => 'from' in rows;
const countOf = (rows: Rows): number => (isRange(rows) ? rows.to - rows.from : rows.length);

function* pages(rows: Rows): Generator<readonly number[]> {
  const count = countOf(rows);
  for (let i = 0; i < count; i += pageRows) {
    const length = Math.min(pageRows, count - i);
    yield isRange(rows) ? Array.from({ length }, (_, k) => rows.from + i + k) : rows.slice(i, i + length);
  }
}

async function allOf<T>(some: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of some) all.push(...each);
  return all;
}

export { rowColumns };
