/** What a model's outputs say, in the words of its data. */
import type { KeptModel } from './kept-model.js';

/** What is answered for a row. */
export type Answer = { class: string; probabilities: number[] } | { values: number[] };

/** What is answered for some rows. */
export interface Answers {
  object: 'list';
  /** In the order of `probabilities`; null where values are predicted. */
  classes: string[] | null;
  /** What the values are, where they have names. */
  targets?: string[];
  data: Answer[];
}

/** The names of a model's classes, one for each output: those that have none are named by their index. */
export function classNames({ plan, vocabulary }: Pick<KeptModel, 'plan' | 'vocabulary'>): string[] {
  return Array.from({ length: plan.output_shape[0] }, (_, i) => vocabulary.names?.[i] ?? String(i));
}

/** Puts outputs [rows × outputs] into words. */
export function answersOf(model: KeptModel, output: Float32Array): Answers {
  const width = model.plan.output_shape[0];
  const rows = Array.from({ length: output.length / width }, (_, row) =>
    output.subarray(row * width, (row + 1) * width),
  );
  if (model.activation === 'none') {
    const { names } = model.vocabulary;
    return {
      object: 'list',
      classes: null,
      ...(names && { targets: names }),
      data: rows.map((row) => ({ values: [...row] })),
    };
  }
  const classes = classNames(model);
  return {
    object: 'list',
    classes,
    data: rows.map((row) => {
      const probabilities = softmax(row);
      return { class: classes[indexOfLargest(probabilities)], probabilities };
    }),
  };
}

/** In float64, so that what it loses is nothing beside what float32 has lost before. */
function softmax(logits: Float32Array): number[] {
  const largest = logits.reduce((max, value) => Math.max(max, value), -Infinity);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

const indexOfLargest = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
