import { readFileSync } from 'node:fs';
import { invalidSpec, OnecycleError, type FieldProblem } from '../../errors.js';
import { shared } from '../../numbers/memory.js';
import { builtinNames, describeBuiltin, isBuiltin, loadBuiltin } from './builtin.js';
import { describeRandom, describeSynthetic, loadRandom, loadSynthetic } from './generated.js';
import { parseInline } from './inline.js';
import type { DatasetSource, RandomSource, SyntheticSource } from './source.js';
import type { Dataset, DatasetInfo, Target } from '../types.js';

/** Names that `{"builtin": NAME}` may have. */
export const datasetNames = [...builtinNames, 'synthetic'];

/**
 * What is known of a data set without reading a row. Inline data have to be read for that: `parseInline`.
 * @param kind what the loss needs, where it is known: classes can stand as values, too
 * @throws OnecycleError invalid_spec, pointers from the job's spec on
 */
export function describeDataset(
  source: Exclude<DatasetSource, { inline: unknown }>,
  kind?: Target['kind'],
): DatasetInfo {
  return withTarget(describe(source), kind);
}

/**
 * Reads or makes a data set, in memory that loaders' threads see too. Inline data come from a file (JSON `{x, y}`).
 * @throws OnecycleError invalid_spec as `describeDataset` and `parseInline`; bad_data where the file of inline data is missing
 */
export function loadDataset(
  source: DatasetSource,
  options: { inlineFile?: string; kind?: Target['kind'] } = {},
): Dataset {
  if ('inline' in source) return inSharedMemory(parseInline(readInline(options.inlineFile), options.kind));
  const info = describeDataset(source, options.kind);
  const dataset = load(source);
  const asValues = dataset.target.kind === 'classes' && info.target.kind === 'values';
  return inSharedMemory({ ...dataset, target: info.target, y: asValues ? Float32Array.from(dataset.y) : dataset.y });
}

const inSharedMemory = (dataset: Dataset): Dataset => ({ ...dataset, x: shared(dataset.x), y: shared(dataset.y) });

function describe(source: Exclude<DatasetSource, { inline: unknown }>): DatasetInfo {
  if ('builtin' in source) {
    if (source.builtin === 'synthetic') return describeSynthetic({});
    if (isBuiltin(source.builtin)) return describeBuiltin(source.builtin);
    throw invalidSpec('/dataset/builtin', `builtin must be one of ${datasetNames.join(', ')}`);
  }
  const problems = 'random' in source ? randomProblems(source.random) : syntheticProblems(source.synthetic);
  if (problems.length > 0)
    throw new OnecycleError('invalid_spec', problems.map(({ detail }) => detail).join('; '), problems);
  return 'random' in source ? describeRandom(source.random) : describeSynthetic(source.synthetic);
}

function load(source: Exclude<DatasetSource, { inline: unknown }>): Dataset {
  if ('random' in source) return loadRandom(source.random);
  if ('synthetic' in source) return loadSynthetic(source.synthetic);
  return source.builtin === 'synthetic' ? loadSynthetic({}) : loadBuiltin(source.builtin);
}

function readInline(file: string | undefined): unknown {
  if (file === undefined) throw new OnecycleError('bad_data', 'The inline data set has no file');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new OnecycleError('bad_data', 'The inline data set could not be read', [], { cause });
  }
}

/** A regression can be made of class indexes; classes cannot be made of values. */
function withTarget(info: DatasetInfo, kind: Target['kind'] | undefined): DatasetInfo {
  if (kind === undefined || kind === info.target.kind) return info;
  if (kind === 'classes')
    throw invalidSpec('/loss', 'The data set has values to predict, not classes: choose the loss mse');
  return { ...info, target: { kind: 'values', outputs: 1 } };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31;
const isSeed = (value: unknown) => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);

/** Sources come from JSON: nothing is known of their fields' values. */
type Unchecked<T> = { [K in keyof T]?: unknown };

function randomProblems({ shape, rows, classes, outputs, seed, dtype }: Unchecked<RandomSource>): FieldProblem[] {
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) && value.length > 0 && value.every(isCount);
  const tooLarge = isShape(shape) && isCount(rows) && shape.reduce((p, n) => p * n, rows) >= 2 ** 31;
  return problemsAt('/dataset/random', [
    ['/shape', isShape(shape), 'shape must be a list of positive integers'],
    [
      '/rows',
      isCount(rows) && !tooLarge,
      'rows must be a positive integer, and all rows together less than 2^31 numbers',
    ],
    ['', (classes === undefined) !== (outputs === undefined), 'random must have either classes or outputs'],
    ['/classes', classes === undefined || isCount(classes), 'classes must be a positive integer'],
    ['/outputs', outputs === undefined || isCount(outputs), 'outputs must be a positive integer'],
    ['/seed', isSeed(seed), 'seed must be a non-negative integer'],
    ['/dtype', dtype === undefined || dtype === 'float32' || dtype === 'uint8', "dtype must be 'float32' or 'uint8'"],
  ]);
}

const syntheticProblems = ({ rows, seed }: Unchecked<SyntheticSource>): FieldProblem[] =>
  problemsAt('/dataset/synthetic', [
    ['/rows', rows === undefined || isCount(rows), 'rows must be a positive integer'],
    ['/seed', isSeed(seed), 'seed must be a non-negative integer'],
  ]);

const problemsAt = (at: string, checks: [field: string, holds: boolean, detail: string][]): FieldProblem[] =>
  checks.filter(([, holds]) => !holds).map(([field, , detail]) => ({ pointer: at + field, detail }));
