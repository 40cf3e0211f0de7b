/** The golden values of real fastai, as these tests read them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicySpec, SuggestionName } from '../../src/schedule/index.js';

const folder = join(import.meta.dirname, '../../../test/golden/data');
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

type Numbers = number | number[];
interface Curve<V> {
  pos: number[];
  value: V[];
}
export type AnnealerCase = { fn: string; start: Numbers; end: Numbers; power?: number } & Curve<Numbers>;

export const schedules = read('schedules.json') as {
  schedules: AnnealerCase[];
  combine_scheds: ({ pcts: number[]; parts: { fn: string; start: number; end: number }[] } & Curve<number>)[];
  combined_cos: ({ pct: number; start: Numbers; middle: Numbers; end: Numbers } & Curve<Numbers>)[];
  even_mults: { start: number; stop: number; n: number; value: number[] }[];
};

export const { curves: suggestionCurves } = read('lr_suggestions.json') as {
  curves: {
    name: string;
    lrs: number[];
    losses: number[];
    suggestions: Record<'valley' | 'slide' | 'minimum' | 'steep', number | null>;
  }[];
};

type Hypers = Record<'lr' | 'mom' | 'wd', number>[];

export interface Run {
  policy: PolicySpec;
  hypers?: Hypers[];
  frozen?: { hypers: Hypers[] };
  lrs?: number[];
  smooth_losses: number[];
  suggestions?: Partial<Record<SuggestionName, number | null>>;
}

export interface Trajectory {
  train_rows: number;
  batch_size: number;
  param_groups_by_layer: 'one group' | number[][];
  runs: Run[];
}

export const trajectories = readdirSync(folder)
  .filter((name) => name.startsWith('trajectory_'))
  .map((name) => ({ name, ...(read(name) as Trajectory) }));

/** Within an absolute or a relative tolerance, whichever is the wider. */
export function near(found: number | undefined, expected: number, tolerance: number, what: string): void {
  const difference = Math.abs((found ?? NaN) - expected);
  assert.ok(difference <= tolerance * Math.max(1, Math.abs(expected)), `${what}: ${found} instead of ${expected}`);
}

/** Within a relative tolerance. */
export function nearly(found: number | null | undefined, expected: number, tolerance: number, what: string): void {
  const difference = Math.abs((found ?? NaN) - expected);
  assert.ok(difference <= tolerance * Math.abs(expected), `${what}: ${found} instead of ${expected}`);
}
