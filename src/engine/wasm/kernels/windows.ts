import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';

/** Images [n, h, w, c]. */
export type Images = tf.Tensor4D;

/** How a window moves over images: what TensorFlow.js works out for a convolution or pool. */
export type Windows = tf.backend_util.Conv2DInfo;

/** @throws Error if the images do not have their channels last: the backend's own convolutions take no others */
export function requireChannelsLast({ dataFormat }: { dataFormat?: string }): void {
  if (dataFormat !== undefined && dataFormat !== 'NHWC')
    throw new Error(`the WebAssembly engine takes images as NHWC, not ${dataFormat}`);
}

/**
 * Puts `stride - 1` zeros between the pixels and none at the borders: how a convolution by strides looks from its
 * output.
 */
export function spread(images: Images, [strideHeight, strideWidth]: readonly [number, number]): Images {
  if (strideHeight === 1 && strideWidth === 1) return images;
  const [n, h, w, c] = images.shape;
  // Zeros after each pixel and then after each row, as matrices: the backend pads few dimensions fastest.
  const pixels = padColumns(tf.reshape(images, [n * h * w, c]), (strideWidth - 1) * c);
  const rows = padColumns(tf.reshape(pixels, [n * h, w * strideWidth * c]), (strideHeight - 1) * w * strideWidth * c);
  const spreadOut = tf.reshape<tf.Rank.R4>(rows, [n, h * strideHeight, w * strideWidth, c]);
  return tf.slice(spreadOut, [0, 0, 0, 0], [n, (h - 1) * strideHeight + 1, (w - 1) * strideWidth + 1, c]);
}

/** Zeros after each row of a matrix. */
const padColumns = (matrix: tf.Tensor2D, count: number): tf.Tensor2D =>
  tf.pad(matrix, [
    [0, 0],
    [0, count],
  ]);

/**
 * Adds rows and columns of zeros so that images get this size in pixels, `top` rows and `left` columns of them before
 * the first pixel; where a number is negative, as many are cut off.
 */
export function frame(images: Images, height: number, width: number, top: number, left: number): Images {
  const [n, h, w, c] = images.shape;
  const [bottom, right] = [height - top - h, width - left - w];
  const cut = Math.min(top, bottom, left, right) < 0;
  const inner = cut
    ? tf.slice(
        images,
        [0, Math.max(0, -top), Math.max(0, -left), 0],
        [n, h + Math.min(0, top) + Math.min(0, bottom), w + Math.min(0, left) + Math.min(0, right), c],
      )
    : images;
  return tf.pad(
    inner,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ].map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]),
  );
}

/**
 * The pixels that a window's tap (row, column) has seen, one per output pixel. `padded` are the images with the
 * windows' padding.
 */
export function tap(padded: Images, row: number, column: number, windows: Windows): Images {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, inChannels } =
    windows;
  const [top, left] = [row * dilationHeight, column * dilationWidth];
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  if (strideHeight === 1 && strideWidth === 1)
    return tf.slice(padded, [0, top, left, 0], [batchSize, height, width, inChannels]);
  return tf.stridedSlice(
    padded,
    [0, top, left, 0],
    [batchSize, top + height, left + width, inChannels],
    [1, strideHeight, strideWidth, 1],
  ) as Images;
}

/** A filter [h, w, in, out] turned by 180°: what the gradient meets on its way back. */
export const turned = (filter: Tensor): tf.Tensor4D => tf.reverse(filter as tf.Tensor4D, [0, 1]);
