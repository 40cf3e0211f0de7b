import { Type, type Static } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { allocate } from '../../numbers/memory.js';
import { maxElements, product } from '../../numbers/nested.js';
import { normal, randomWords, uniform } from '../../numbers/random.js';
import { complete } from '../../schema/complete.js';
import { Count, defaulted, oneOf, optional, Seed, strict } from '../../schema/fields.js';
import type { MemoryDataset, DatasetInfo } from '../types.js';
import { defineSource } from './source.js';

const Random = strict({
  shape: Type.Array(Count('Length of an axis'), { minItems: 1, maxItems: 4, description: 'Shape of one row' }),
  rows: Count('Number of rows'),
  classes: optional(
    Type.Integer({ minimum: 2, maximum: maxElements, description: 'Number of classes; instead of `outputs`' }),
  ),
  outputs: optional(
    Type.Integer({
      minimum: 1,
      maximum: maxElements,
      description: 'Number of values to predict; instead of `classes`',
    }),
  ),
  seed: defaulted(Seed(), 42),
  dtype: defaulted(
    oneOf(['float32', 'uint8'], {
      description: 'Normally distributed numbers, or uniform bytes from 0 to 255 as in images',
    }),
    'float32',
  ),
});
type Random = Static<typeof Random>;

/** Noise without meaning: inputs of a shape, and targets that do not depend on them. */
export const random = defineSource({
  name: 'random',
  title: 'RandomDataset',
  description: 'Random rows of a given shape, for load tests',
  value: Random,
  problems,
  describe,
  load,
});

function problems({ shape, rows, classes, outputs }: Random): FieldProblem[] {
  if ((classes === undefined) === (outputs === undefined))
    return [{ pointer: '', detail: 'must have either classes or outputs' }];
  const found: FieldProblem[] = [];
  const all = 'all rows together must have fewer than 2^31 numbers';
  if (rows * product(shape) > maxElements) found.push({ pointer: '/rows', detail: `must be lower: ${all}` });
  if (outputs !== undefined && rows * outputs > maxElements)
    found.push({ pointer: '/outputs', detail: `must be lower: ${all}` });
  return found;
}

function describe({ shape, rows, classes, outputs = 1 }: Random): DatasetInfo {
  return {
    rows,
    x_shape: shape,
    target: classes === undefined ? { kind: 'values', outputs } : { kind: 'classes', classes },
  };
}

function load(source: Random): MemoryDataset {
  const info = describe(source);
  const { seed, dtype } = complete(Random, source);
  const size = info.rows * product(info.x_shape);
  const x =
    dtype === 'uint8'
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
