/** The runs that are compared: their records and curves, and more detail of what is looked at. */
import { signal } from '@preact/signals';
import { isTerminal, type Job, type JobRecord, type Metrics } from '../../../src/client/index.js';
import type { Range } from '../charts/line.js';
import { client } from '../state/client.js';
import { inTurns } from '../state/in-turns.js';
import { curve, withDetail, type By } from './columns.js';
import { Paced } from './paced.js';

/** A run. */
export interface Run {
  record: JobRecord;
  metrics: Metrics;
  /** A part of the curves with more points. */
  detail?: Metrics;
}

/** Points of a whole curve, and of the part that is looked at: a few for each column of pixels. */
const overviewPoints = 3000;
/** The service answers so many at a time for this page. */
const atOnce = 4;

/** The runs of one comparison. */
export class Runs {
  readonly all = signal<readonly Run[]>([]);
  /** Why some are not there, by id. */
  readonly errors = signal<ReadonlyMap<string, unknown>>(new Map());
  #wanted: readonly string[] = [];
  readonly #coming = new Paced<Run>((runs) => this.#take(runs));

  /** Reads these; runs that are there stay as they are. */
  async want(ids: readonly string[]): Promise<void> {
    this.#coming.now();
    this.#wanted = ids;
    this.errors.value = new Map();
    this.all.value = this.#sorted(this.all.value);
    const there = new Set(this.all.value.map(({ record }) => record.id));
    await inTurns(
      ids.filter((id) => !there.has(id)),
      atOnce,
      async (id) => {
        try {
          await this.#read(id);
        } catch (error) {
          // By now others may be wanted.
          if (this.#wanted === ids) this.errors.value = new Map([...this.errors.value, [id, error]]);
        }
      },
    );
    this.#coming.now();
  }

  /** Reads again what still trains. @throws OnecycleError where one of them cannot be read */
  async refresh(): Promise<void> {
    const live = this.all.value.filter(({ record }) => !isTerminal(record.status));
    await inTurns(live, atOnce, ({ record }) => this.#read(record.id));
    this.#coming.now();
  }

  /** Reads the part of the curves that is looked at, where that has more points than are there. */
  async look([from, to]: Range, by: By): Promise<void> {
    await inTurns(this.all.value, atOnce, async (run) => {
      const { x } = curve(run.metrics, run.record.phases, by, 'loss');
      const first = run.metrics.iteration.at(Math.max(0, x.lowerBound(from) - 1));
      const last = run.metrics.iteration.at(Math.min(x.length - 1, x.lowerBound(to)));
      if (first === undefined || last === undefined || last <= first) return;
      const known = run.metrics.iteration.filter((one) => one >= first && one <= last).length;
      // With every iteration there, there is nothing to ask for.
      if (known >= last - first + 1) return;
      const job = client.jobs.handle(run.record);
      this.#coming.add({ ...run, detail: await job.metrics({ from: first, to: last, points: overviewPoints }) });
    });
  }

  async #read(id: string): Promise<void> {
    const job = await client.jobs.get(id);
    this.#coming.add({ record: job.record, metrics: await curvesOf(job) });
  }

  /** Puts runs in the places of those that they are. */
  #take(runs: readonly Run[]): void {
    this.all.value = this.#sorted([...this.all.value, ...runs]);
  }

  /** Those that are wanted, in that order; of several of one job the last. */
  #sorted(runs: readonly Run[]): Run[] {
    const byId = new Map(runs.map((run) => [run.record.id, run]));
    return this.#wanted.flatMap((id) => byId.get(id) ?? []);
  }
}

/** A run that has not begun has no curve yet. */
const curvesOf = (job: Job): Promise<Metrics> => job.metrics({ points: overviewPoints });

type Curve = ReturnType<typeof curve>;
const curves = new WeakMap<Run, Map<string, Curve>>();

/** The curve of a run, with the detail that is there; made once. */
export function curveOf(run: Run, by: By, metric: string): Curve {
  const made = curves.get(run) ?? new Map<string, Curve>();
  curves.set(run, made);
  const key = `${by} ${metric}`;
  const found = made.get(key) ?? curve(withDetail(run.metrics, run.detail), run.record.phases, by, metric);
  made.set(key, found);
  return found;
}

/** Names of everything that some run has a curve of. */
export function metricNames(runs: readonly Run[]): string[] {
  const named = runs.flatMap(({ metrics }) => metrics.epochs.flatMap((row) => Object.keys(row.metrics)));
  return [...new Set(['loss', 'raw_loss', 'train_loss', 'valid_loss', ...named])];
}
