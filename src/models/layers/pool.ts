/** What pools share: a window that slides over each channel. */
import { Count, optional } from '../../schema/fields.js';
import { imageShape, ShapeError } from './shapes.js';
import { paddingField, ruleOf, windowedShape, type Padding } from './windows.js';

interface PoolSpec {
  size: number;
  stride?: number | undefined;
  padding: Padding;
}

/** The fields of a pool. */
export const poolFields = (padding: string) => ({
  size: Count('Side length of the window'),
  stride: optional(Count('Step of the window. Left out: `size`')),
  padding: paddingField(padding),
});

/**
 * [height, width, channels] of a pool's output.
 * @throws ShapeError where it is no image, or too small, or the padding is more than half a window, which PyTorch
 *   refuses too
 */
export function poolShape(type: string, { size, stride = size, padding }: PoolSpec, input: number[]): number[] {
  if (typeof padding === 'number' && padding > size / 2)
    throw new ShapeError('padding', `padding of ${type} must be at most half its size`);
  const image = imageShape(type, input);
  return [...windowedShape(image, 'size', { window: size, stride, padding }), image[2]];
}

/** A pool's arguments for TensorFlow.js; explicit padding comes before it. */
export const poolArguments = ({ size, stride = size, padding }: PoolSpec, name: string) => ({
  poolSize: size,
  strides: stride,
  padding: ruleOf(padding),
  name,
});
