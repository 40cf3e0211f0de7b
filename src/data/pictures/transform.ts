import { drawFrom, type Draw } from '../../numbers/random.js';
import { applyCut } from '../transforms/cut.js';
import { batchTransformOf, itemTransformOf, type PictureTransforms } from '../transforms/index.js';
import { channels, type FloatPicture, type Pixels } from '../transforms/picture.js';
import type { RowsAt } from '../types.js';

/** The shape of what these transforms make: [height, width, 3]. */
export function shapeOfPictures({ item_tfms }: PictureTransforms): number[] {
  const last = item_tfms[item_tfms.length - 1];
  const { width, height } = itemTransformOf(last).size(last);
  return [height, width, channels];
}

/**
 * Writes a decoded picture as a model takes it.
 * @param at where its random numbers come from, and its row; null where it validates
 * @param into as many numbers as `shapeOfPictures` says
 */
export function transformPicture(
  decoded: Pixels,
  { item_tfms, batch_tfms }: PictureTransforms,
  at: (RowsAt & { row: number }) | null,
  into: Float32Array,
): void {
  const drawOf = (purpose: 'item_tfms' | 'batch_tfms', i: number): Draw | null =>
    at === null ? null : drawFrom({ seed: at.seed, purpose, index: at.row, part: [at.epoch, i] });
  const pixels = item_tfms.reduce(
    (picture, spec, i) => applyCut(picture, itemTransformOf(spec).cut(spec, picture, drawOf('item_tfms', i))),
    decoded,
  );
  const picture = asFloats(pixels, into);
  for (const [i, spec] of batch_tfms.entries()) batchTransformOf(spec).apply(spec, picture, drawOf('batch_tfms', i));
}

const fractions = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Bytes as numbers from 0 to 1: fastai’s IntToFloatTensor. */
export function asFloats(
  { width, height, data: bytes }: Pixels,
  data: Float32Array = new Float32Array(bytes.length),
): FloatPicture {
  for (let i = 0; i < bytes.length; i++) data[i] = fractions[bytes[i]];
  return { width, height, data };
}
