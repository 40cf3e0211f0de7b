/** A run's curve over what it is compared by. Pure. */
import type { JobRecord, Metrics } from '../../../src/client/index.js';
import { Column } from '../charts/column.js';
import { spliced } from '../state/splice.js';

/** What runs are laid over one another by. */
export type By = 'iteration' | 'time' | 'epoch';

/** Every name of `By`, and what the axis is called. */
export const byNames: Readonly<Record<By, string>> = { iteration: 'iteration', time: 'seconds', epoch: 'epoch' };

/** Curves that have a value for each iteration; every other name is one of epochs. */
const perIteration = { loss: 'loss', raw_loss: 'raw_loss' } as const;

/** Whether a curve has a value for each iteration. */
export const isPerIteration = (metric: string): metric is keyof typeof perIteration =>
  Object.hasOwn(perIteration, metric);

type Phases = JobRecord['phases'];

/** The curve of a metric. */
export function curve(metrics: Metrics, phases: Phases, by: By, metric: string): { x: Column; y: Column } {
  const x = places(metrics, phases, by);
  if (isPerIteration(metric)) return { x: Column.from(x), y: Column.from(metrics[metric]) };
  const rows = metrics.epochs.flatMap((row): [number, number][] => {
    const last = metrics.epoch.findLastIndex((epoch) => epoch <= row.epoch);
    const value = valueOf(row, metric);
    if (last < 0 || value === null) return [];
    return [[by === 'epoch' ? row.epoch + 1 : x[last], value]];
  });
  return { x: Column.from(rows.map((row) => row[0])), y: Column.from(rows.map((row) => row[1])) };
}

function valueOf(row: Metrics['epochs'][number], metric: string): number | null {
  if (metric === 'train_loss' || metric === 'valid_loss') return row[metric];
  const found: unknown = row.metrics[metric];
  return typeof found === 'number' ? found : null;
}

/** Where each iteration stands. */
function places(metrics: Metrics, phases: Phases, by: By): number[] {
  if (by === 'iteration') return metrics.iteration;
  if (by === 'epoch') return metrics.iteration.map((iteration) => epochAt(phases, iteration + 1));
  let known = 0;
  return metrics.seconds.map((seconds) => (known = seconds ?? known));
}

/** How many epochs are done after so many iterations. */
export function epochAt(phases: Phases, iterations: number): number {
  let [epochs, left] = [0, iterations];
  for (const { n_epoch, n_iteration } of phases) {
    if (left <= n_iteration) return epochs + (left / n_iteration) * n_epoch;
    epochs += n_epoch;
    left -= n_iteration;
  }
  return epochs;
}

/** The metrics with a part of them in more detail. */
export const withDetail = (all: Metrics, detail: Metrics | undefined): Metrics =>
  detail === undefined ? all : spliced(all, detail);
