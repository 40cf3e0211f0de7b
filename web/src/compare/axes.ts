/** Parallel coordinates: one axis for each thing that differs, and a metric at the end; one line a run. */
import { cell, type Difference } from './diff.js';
import type { Json } from '../form/schema.js';
import { number } from '../state/format.js';

/** An axis of the picture. */
export interface Axis {
  label: string;
  /** Where each run stands, from 0 at the bottom to 1 at the top; null where it has no value. */
  positions: readonly (number | null)[];
  ticks: readonly { position: number; text: string }[];
}

/** One axis for each difference, and one for each metric. */
export function axesOf(differing: readonly Difference[], metrics: readonly Difference[]): Axis[] {
  return [...differing, ...metrics].map(({ path, values }) => axis(path, values));
}

function axis(label: string, values: readonly (Json | undefined)[]): Axis {
  const numbers = values.filter((value) => typeof value === 'number');
  const plain = values.every((value) => value === undefined || value === null || typeof value === 'number');
  return plain && numbers.length > 0 ? numberAxis(label, values, numbers) : wordAxis(label, values);
}

/** By factors where the values are positive and a hundredfold apart. */
function numberAxis(label: string, values: readonly (Json | undefined)[], numbers: readonly number[]): Axis {
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  const log = from > 0 && to / from >= 100;
  const place = (value: number): number => {
    if (from === to) return 0.5;
    return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  };
  const ends = from === to ? [from] : [from, to];
  return {
    label,
    positions: values.map((value) => (typeof value === 'number' ? place(value) : null)),
    ticks: ends.map((value) => ({ position: place(value), text: number(value) })),
  };
}

/** Each word has a place of its own, in the order in which they first occur; no value stands at the bottom. */
function wordAxis(label: string, values: readonly (Json | undefined)[]): Axis {
  const texts = values.map((value) => (value === undefined ? 'not set' : cell(value)));
  const words = [...new Set(texts)];
  const place = (word: string) => (words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1));
  return {
    label,
    positions: texts.map(place),
    ticks: words.map((text) => ({ position: place(text), text: text.length > 24 ? `${text.slice(0, 23)}…` : text })),
  };
}
