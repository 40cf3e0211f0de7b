/** What a file of this folder says of a body: all of a known picture model up to its last pool. */
import type { LayerSpec } from '../layers/index.js';

/** Of red, green and blue, as values from 0 to 1. */
export interface PixelStatistics {
  mean: number[];
  std: number[];
}

/** A body. Its layers have the names that its weights have where they come from. */
export interface Body {
  readonly name: string;
  /**
   * The layers of each parameter group but the head's, as fastai's splitter of this body has them. The first group
   * begins with `input`, the layers that bring rows into the shape of images; what goes out are images, too.
   * @param own whether the weights that the registry package ships will be put in, where there are such: they may want
   *   other paddings
   */
  groups(input: readonly LayerSpec[], own: boolean): LayerSpec[][];
  /**
   * What the pixels of a picture are normalized by for weights to know them: those that the registry package ships
   * (`own`), or others, which are taken for torchvision's. Null: pixels go in as they are, from 0 to 1.
   */
  pixels(own: boolean): PixelStatistics | 'imagenet' | null;
}

/** `layers` in pieces that end where `ends` say; what comes after the last of them is left out. */
export const cutAt = (layers: readonly LayerSpec[], ends: readonly number[]): LayerSpec[][] =>
  ends.map((end, i) => layers.slice(i === 0 ? 0 : ends[i - 1], end));
