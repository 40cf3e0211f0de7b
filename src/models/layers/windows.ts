/** What layers share that slide a square window over images. */
import { Type } from 'typebox';
import { defaulted, oneOf } from '../../schema/fields.js';
import { ShapeError, shapeText } from './shapes.js';

/** 'same' and 'valid' as in TensorFlow; a number is that many on each side, as in PyTorch. */
export type Padding = 'same' | 'valid' | number;

/** The field `padding`. */
export const paddingField = (description: string) =>
  defaulted(Type.Union([oneOf(['same', 'valid']), Type.Integer({ minimum: 0 })], { description }), 'valid');

/** The padding of a side of length `n`, [before, after]: TensorFlow's rule for 'same', the bigger half after. */
export function sidePadding(
  n: number,
  window: number,
  stride: number,
  padding: Padding,
): [before: number, after: number] {
  if (typeof padding === 'number') return [padding, padding];
  if (padding === 'valid') return [0, 0];
  const total = Math.max((Math.ceil(n / stride) - 1) * stride + window - n, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * How often the window fits an image of shape [height, width, channels].
 * @throws ShapeError that names `field`, where the window's size stands, if it does not fit once
 */
export function windowedShape(
  image: readonly number[],
  field: string,
  { window, stride, padding }: { window: number; stride: number; padding: Padding },
): [height: number, width: number] {
  const times = (n: number) => {
    const [before, after] = sidePadding(n, window, stride, padding);
    return Math.floor((n + before + after - window) / stride) + 1;
  };
  const [down, across] = [times(image[0]), times(image[1])];
  if (down < 1 || across < 1)
    throw new ShapeError(field, `${field} ${window} is larger than the padded input ${shapeText(image)}`);
  return [down, across];
}

/** A TensorFlow.js layer that pads by a number on each side, as its arguments; none where there is nothing to pad. */
export const explicitPadding = (padding: Padding, name: string): { padding: number; name: string }[] =>
  typeof padding === 'number' && padding > 0 ? [{ padding, name: `${name}_padding` }] : [];

/**
 * A convolution's padding in two: what is put around the image before it, and the rule of the layer itself. Half a
 * kernel around is what 'same' does at stride 1, and then there is no border to copy the image into.
 */
export function windowRule(
  padding: Padding,
  kernel: number,
  stride: number,
): { around: Padding; rule: 'same' | 'valid' } {
  const around = stride === 1 && padding === (kernel - 1) / 2 ? 'same' : padding;
  return { around, rule: ruleOf(around) };
}

/** The rest of the padding, for the layer itself. */
export const ruleOf = (padding: Padding): 'same' | 'valid' => (typeof padding === 'number' ? 'valid' : padding);
