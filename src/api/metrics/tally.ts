/** Values counted in buckets, without a library: an API must start before it has loaded one. */
import type { Distribution } from '../../jobs/figures.js';

/** By what they are of. */
export class Tally<Labels extends Record<string, string>> {
  readonly bounds: readonly number[];
  readonly #found = new Map<string, { labels: Labels; count: number; sum: number; buckets: Map<number, number> }>();

  /** `bounds`: upper ones, rising. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  hear(labels: Labels, value: number): void {
    const key = Object.values(labels).join('|');
    const entry = this.#found.get(key) ?? { labels, count: 0, sum: 0, buckets: new Map<number, number>() };
    this.#found.set(key, entry);
    entry.count++;
    entry.sum += value;
    const bound = this.bounds.find((each) => value <= each);
    if (bound !== undefined) entry.buckets.set(bound, (entry.buckets.get(bound) ?? 0) + 1);
  }

  get samples(): [Labels, Distribution][] {
    return [...this.#found.values()].map(({ labels, ...distribution }) => [labels, distribution]);
  }
}

/** Counts by what they are of. */
export class Counts<Name extends string> {
  readonly #counts = new Map<Name, number>();

  constructor(...names: Name[]) {
    for (const name of names) this.#counts.set(name, 0);
  }

  add(name: Name, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  get entries(): [Name, number][] {
    return [...this.#counts];
  }
}
