/** Transforms of pictures and decoded files, beside fastai's own (data/pictures.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodePicture } from '../../src/data/pictures/decode.js';
import { asFloats } from '../../src/data/pictures/transform.js';
import {
  augment,
  augTransforms,
  drawAugmentation,
  type Augmentation,
} from '../../src/data/transforms/aug-transforms.js';
import { applyCut, type PadMode } from '../../src/data/transforms/cut.js';
import { ItemTransformsSchema, itemTransformOf, type ItemSpec } from '../../src/data/transforms/index.js';
import { normalize } from '../../src/data/transforms/normalize.js';
import type { Pixels } from '../../src/data/transforms/picture.js';
import { drawFrom, type Draw } from '../../src/numbers/random.js';
import { isValid } from '../../src/schema/check.js';
import { complete } from '../../src/schema/complete.js';
import { root } from '../e2e/harness.js';
import { absolute, Comparison } from './compare.js';

/** Width, height, seed. */
type Made = [number, number, number];

interface Range {
  p: number;
  max_deg?: number;
  min_zoom?: number;
  max_zoom?: number;
  magnitude?: number;
  max_lighting?: number;
}

interface Golden {
  items: { spec: ItemSpec; picture: Made; draws: number[] | null; pixels: number[] }[];
  batches: { picture: Made; flip_vert: boolean; pad_mode: PadMode; drawn: Augmentation; values: number[] }[];
  ranges: {
    arguments: Record<string, number | boolean>;
    ranges: Record<'rotate_mat' | 'zoom_mat', Range> &
      Record<'flip_mat' | 'dihedral_mat', Range | undefined> &
      Record<'warp' | 'lighting', Range[]>;
  }[];
  normalized: { picture: Made; values: number[] };
  decoded: { name: string; file: string; size: [number, number]; pixels: number[] }[];
}

const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'data', 'pictures.json'), 'utf8')) as Golden;

/** The picture of data/pictures.py. */
function picture([width, height, seed]: Made): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const noise = (x * 7919 + y * 104_729 + c * 1_299_709 + seed * 15_485_863) % 97;
    return (x * (c + 1) * 5 + y * 9 + noise * 2) % 256;
  });
  return { width, height, data };
}

/** Draws these numbers one after another; the last one for ever. */
function drawing(numbers: readonly number[]): Draw {
  let drawn = 0;
  return () => numbers[Math.min(drawn++, numbers.length - 1)];
}

function agree(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  const comparison = new Comparison();
  comparison.numbers('values', Array.from(actual), expected, absolute, tolerance);
  assert.deepEqual(comparison.failures.slice(0, 5), [], comparison.summary());
}

describe('an item transform makes fastai’s picture, to the bit', () => {
  for (const { spec, picture: made, draws, pixels } of golden.items)
    test(`${JSON.stringify(spec)} of ${made.join(' ')} by ${draws?.join(' ') ?? 'the middle'}`, () => {
      assert.ok(isValid(ItemTransformsSchema, [spec]));
      const given = picture(made);
      const cut = itemTransformOf(spec).cut(spec, given, draws && drawing(draws));
      agree(applyCut(given, cut).data, pixels, 0);
    });
});

describe('what a batch transform draws makes fastai’s picture', () => {
  for (const { picture: made, drawn, values, ...how } of golden.batches)
    test(`${JSON.stringify({ ...how, ...drawn })} of ${made.join(' ')}`, () => {
      const given = asFloats(picture(made));
      augment(given, how, drawn);
      agree(given.data, values, 2e-5);
    });

  test('normalized by ImageNet’s statistics', () => {
    const { picture: made, values } = golden.normalized;
    const given = asFloats(picture(made));
    normalize.apply({ name: 'normalize' }, given, null);
    agree(given.data, values, 1e-6);
  });
});

describe('aug_transforms draws', () => {
  for (const { arguments: given, ranges } of golden.ranges)
    test(`between fastai’s limits, and as often: ${JSON.stringify(given)}`, () => {
      const args = complete(augTransforms.schema, { name: 'aug_transforms', ...given });
      const drawn = Array.from({ length: 4000 }, (_, index) =>
        drawAugmentation(args, drawFrom({ seed: 3, purpose: 'batch_tfms', index })),
      );
      const check = (of: (drawn: Augmentation) => number, nothing: number, [least, most]: number[], p: number) => {
        const values = drawn.map(of).filter((value) => value !== nothing);
        assert.ok(Math.abs(values.length / drawn.length - p) < 0.03, `${values.length} of ${drawn.length}, not ${p}`);
        const slack = (most - least) / 100;
        const [min, max] = [Math.min(...values), Math.max(...values)];
        assert.ok(min >= least && min < least + slack && max <= most && max > most - slack, `${min} to ${max}`);
      };
      const { rotate_mat: rotation, zoom_mat: zoom, warp, lighting, flip_mat, dihedral_mat } = ranges;
      const flips = flip_mat?.p ?? (dihedral_mat ? (dihedral_mat.p * 7) / 8 : 0);
      assert.ok(Math.abs(drawn.filter(({ flip }) => flip !== 0).length / drawn.length - flips) < 0.03);
      const degrees = rotation.max_deg!;
      check(({ rotate }) => rotate, 0, [-degrees, degrees], rotation.p);
      check(({ zoom: { by } }) => by, 1, [zoom.min_zoom!, zoom.max_zoom!], zoom.p);
      const magnitude = warp[0].magnitude!;
      check(({ warp: { x } }) => x, 0, [-magnitude, magnitude], warp[0].p);
      check(({ warp: { y } }) => y, 0, [-magnitude, magnitude], warp[0].p);
      const light = lighting[0].max_lighting!;
      check(({ brightness }) => brightness, 0.5, [0.5 * (1 - light), 0.5 * (1 + light)], lighting[0].p);
      check(({ contrast }) => contrast, 1, [1 - light, 1 / (1 - light)], lighting[1].p);
    });
});

describe('a file is decoded as by fastai’s PILImage', () => {
  for (const { name, file, size, pixels } of golden.decoded)
    test(name, async () => {
      const { width, height, data } = await decodePicture(Buffer.from(file, 'base64'));
      assert.deepEqual([width, height], size);
      agree(data, pixels, name.startsWith('jpeg') ? 2 : 0);
    });
});
