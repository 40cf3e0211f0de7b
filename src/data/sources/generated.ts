/** Data sets that are made of seeded random numbers. */
import { allocate } from '../../numbers/memory.js';
import { product } from '../../numbers/nested.js';
import { normal, randomWords, uniform } from '../../numbers/random.js';
import type { RandomSource, SyntheticSource } from './source.js';
import type { Dataset, DatasetInfo, Target } from '../types.js';

const defaultSeed = 42;
/** fastai's `synth_dbunch`: ten batches of 16 to train on, two to validate. */
const syntheticRows = 192;

export function describeRandom({ shape, rows, classes, outputs = 1 }: RandomSource): DatasetInfo {
  const target: Target = classes === undefined ? { kind: 'values', outputs } : { kind: 'classes', classes };
  return { rows, x_shape: shape, target };
}

/** Noise without meaning, for load tests: normal inputs (or bytes), targets that do not depend on them. */
export function loadRandom(source: RandomSource): Dataset {
  const info = describeRandom(source);
  const seed = source.seed ?? defaultSeed;
  const size = info.rows * product(info.x_shape);
  const x =
    source.dtype === 'uint8'
      ? randomBytes(size, seed)
      : normal(new Float32Array(allocate(4 * size), 0, size), { seed, purpose: 'inputs' });
  return { ...info, x, y: randomTargets(info, seed) };
}

function randomBytes(size: number, seed: number): Uint8Array {
  const count = Math.ceil(size / 4);
  const words = randomWords(new Uint32Array(allocate(4 * count), 0, count), { seed, purpose: 'inputs' });
  return new Uint8Array(words.buffer, 0, size);
}

function randomTargets({ rows, target }: DatasetInfo, seed: number): Int32Array | Float32Array {
  const stream = { seed, purpose: 'targets' } as const;
  if (target.kind === 'values') return normal(new Float32Array(rows * target.outputs), stream);
  return Int32Array.from(uniform(new Float32Array(rows), stream), (u) => Math.floor(u * target.classes));
}

export const describeSynthetic = ({ rows = syntheticRows }: SyntheticSource): DatasetInfo => ({
  rows,
  x_shape: [1],
  target: { kind: 'values', outputs: 1 },
});

/** fastai's `synth_dbunch`: x normal, y = 2x + 3 and normal noise of deviation 0.1. */
export function loadSynthetic(source: SyntheticSource): Dataset {
  const info = describeSynthetic(source);
  const seed = source.seed ?? defaultSeed;
  const x = normal(new Float32Array(info.rows), { seed, purpose: 'inputs' });
  const noise = normal(new Float32Array(info.rows), { seed, purpose: 'targets' });
  return { ...info, x, y: x.map((v, i) => 2 * v + 3 + 0.1 * noise[i]) };
}
