/** Transforms of pictures: fastai's `item_tfms` and `batch_tfms`. */
import { Type, type Static } from 'typebox';
import { augTransforms } from './aug-transforms.js';
import { normalize } from './normalize.js';
import { randomResizedCrop } from './random-resized-crop.js';
import { resize } from './resize.js';
import type { BatchTransform, ItemTransform } from './transform.js';

/** Transforms of a picture by itself. A new one is a file beside these and a line here. */
export const itemTransforms = [resize, randomResizedCrop] as const;
/** Transforms of pictures of one size. A new one is a file beside these and a line here. */
export const batchTransforms = [augTransforms, normalize] as const;

/** One of `item_tfms`, as clients write it. */
export type ItemSpec = Static<(typeof itemTransforms)[number]['schema']>;
/** One of `batch_tfms`, as clients write it. */
export type BatchSpec = Static<(typeof batchTransforms)[number]['schema']>;

/** Any item transform with its arguments. */
export const ItemTransformSchema = Type.Unsafe<ItemSpec>(
  Type.Union(
    itemTransforms.map(({ schema }) => schema),
    { title: 'ItemTransform', description: 'Applied to each picture after it is decoded' },
  ),
);
/** Any batch transform with its arguments. */
export const BatchTransformSchema = Type.Unsafe<BatchSpec>(
  Type.Union(
    batchTransforms.map(({ schema }) => schema),
    { title: 'BatchTransform', description: 'Applied to batches of pictures of one size, with values from 0 to 1' },
  ),
);

const maxItems = 8;

/** What a client may write for `item_tfms`. */
export const ItemTransformsSchema = Type.Array(ItemTransformSchema, {
  minItems: 1,
  maxItems,
  description:
    'For images: applied to each picture, in this order; the last one sets the size of the pictures. Left out: ' +
    'nothing, which requires that all pictures have one size',
});
/** What a client may write for `batch_tfms`. */
export const BatchTransformsSchema = Type.Array(BatchTransformSchema, {
  maxItems,
  description: 'For images: applied to batches of pictures, in fastai’s order whatever the order of the list',
});

/** Transforms of pictures, as a record has them. */
export interface PictureTransforms {
  item_tfms: ItemSpec[];
  batch_tfms: BatchSpec[];
}

const items: ReadonlyMap<string, ItemTransform<ItemSpec>> = new Map(itemTransforms.map((each) => [each.name, each]));
const batches: ReadonlyMap<string, BatchTransform<BatchSpec>> = new Map(
  batchTransforms.map((each) => [each.name, each]),
);

/** What the table says of an item transform, by its name, which is in it. */
export const itemTransformOf = ({ name }: ItemSpec): ItemTransform<ItemSpec> => items.get(name)!;
/** What the table says of a batch transform, by its name, which is in it. */
export const batchTransformOf = ({ name }: BatchSpec): BatchTransform<BatchSpec> => batches.get(name)!;

/** The transforms with every argument filled in; those of batches in fastai's order. */
export function completeTransforms({ item_tfms, batch_tfms }: PictureTransforms): PictureTransforms {
  const order = (spec: BatchSpec) => batchTransformOf(spec).order;
  return {
    item_tfms: item_tfms.map((spec) => itemTransformOf(spec).completed(spec)),
    batch_tfms: batch_tfms
      .toSorted((a, b) => order(a) - order(b))
      .map((spec) => batchTransformOf(spec).completed(spec)),
  };
}
