/** A part of a job's curves in full, within the whole of them thinned. Pure. */
import type { Metrics } from '../../../src/client/index.js';

/**
 * `whole`, with the rows of `part` in place of its own from the first iteration of `part` to the last. A hyper that has
 * no values there is null.
 */
export function spliced(whole: Metrics, part: Metrics): Metrics {
  const [first, last] = [part.iteration.at(0), part.iteration.at(-1)];
  if (first === undefined || last === undefined) return whole;
  const before = firstAtLeast(whole.iteration, first);
  const behind = firstAtLeast(whole.iteration, last + 1);
  const join = <T>(a: readonly T[], b: readonly T[]): T[] => [...a.slice(0, before), ...b, ...a.slice(behind)];
  const hypers: Readonly<Record<string, Metrics['hypers'][string] | undefined>> = part.hypers;
  const nulls = part.iteration.map(() => null);
  const known = new Set(whole.epochs.map(({ epoch }) => epoch));
  return {
    ...whole,
    iteration: join(whole.iteration, part.iteration),
    epoch: join(whole.epoch, part.epoch),
    phase: join(whole.phase, part.phase),
    raw_loss: join(whole.raw_loss, part.raw_loss),
    loss: join(whole.loss, part.loss),
    seconds: join(whole.seconds, part.seconds),
    hypers: Object.fromEntries(
      Object.entries(whole.hypers).map(([name, groups]) => [
        name,
        groups.map((row, g) => join(row, hypers[name]?.at(g) ?? nulls)),
      ]),
    ),
    epochs: [...whole.epochs, ...part.epochs.filter(({ epoch }) => !known.has(epoch))].sort(
      (a, b) => a.epoch - b.epoch,
    ),
  };
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
