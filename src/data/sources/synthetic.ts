import { type Static } from 'typebox';
import { normal } from '../../numbers/random.js';
import { complete } from '../../schema/complete.js';
import { Count, defaulted, Seed, strict } from '../../schema/fields.js';
import type { MemoryDataset, DatasetInfo } from '../types.js';
import { defineSource } from './source.js';

const Synthetic = strict({
  rows: defaulted(
    Count('Number of rows; the default makes ten training batches and two validation batches of 16'),
    192,
  ),
  seed: defaulted(Seed(), 42),
});
type Synthetic = Static<typeof Synthetic>;

/** fastai's `synth_dbunch`: x normal, y = 2x + 3 and normal noise of deviation 0.1. */
export const synthetic = defineSource({
  name: 'synthetic',
  title: 'SyntheticDataset',
  description: "y = 2x + 3 with noise, as in fastai's tests",
  value: Synthetic,
  describe,
  load,
});

function describe(source: Synthetic): DatasetInfo {
  return { rows: complete(Synthetic, source).rows, x_shape: [1], target: { kind: 'values', outputs: 1 } };
}

function load(source: Synthetic): MemoryDataset {
  const { rows, seed } = complete(Synthetic, source);
  const x = normal(new Float32Array(rows), { seed, purpose: 'inputs' });
  const noise = normal(new Float32Array(rows), { seed, purpose: 'targets' });
  return { ...describe(source), x, y: x.map((v, i) => 2 * v + 3 + 0.1 * noise[i]) };
}
