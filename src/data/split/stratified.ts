import { Type, type Static } from 'typebox';
import { permutation } from '../../numbers/random.js';
import { strict } from '../../schema/fields.js';
import { drawn } from './random.js';
import type { RowFacts, SplitRows } from './rows.js';

/** A part of the rows of every class validates. */
export const stratifiedRows =
  "The same share of every class is drawn at random for validation: fastai's TrainTestSplitter with stratify";
/** As the text says. */
export const StratifiedSplit = strict(
  { stratified: Type.Literal(true, { description: 'Whether to take the same share of every class' }), ...drawn },
  { title: 'StratifiedSplit', description: stratifiedRows },
);
/** With its seed. */
export type StratifiedSplit = Required<Static<typeof StratifiedSplit>>;

/** Draws from every class as many rows as its share of all, the rest from those that come closest to one more. */
export function stratifiedSplit(rows: number, split: StratifiedSplit, { labels }: RowFacts): SplitRows {
  if (!labels) throw new Error('A stratified split needs the classes of the rows.');
  const byClass = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const members = byClass.get(labels[row]) ?? [];
    byClass.set(labels[row], members);
    members.push(row);
  }
  const classes = [...byClass].sort(([a], [b]) => a - b);
  const counts = sharesOf(
    classes.map(([, members]) => members.length),
    Math.floor(split.valid_pct * rows),
  );
  const valid: number[] = [];
  const train: number[] = [];
  for (const [i, [, members]] of classes.entries()) {
    const order = permutation(members.length, { seed: split.seed, purpose: 'split', index: i + 1 });
    for (const [at, member] of order.entries()) (at < counts[i] ? valid : train).push(members[member]);
  }
  return { train: Int32Array.from(train), valid: Int32Array.from(valid) };
}

/** Parts of `wanted` in proportion to `counts`, whole numbers: the largest remainders are rounded up. */
export function sharesOf(counts: readonly number[], wanted: number): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count * wanted) / all);
  const shares = exact.map(Math.floor);
  const left = wanted - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((share, i) => ({ i, rest: share - shares[i] }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) shares[i]++;
  return shares;
}
