/** Shapes of one row, without the batch, and what is said where they don't fit. */

/** A layer that does not fit its input: `field` is the one to change, or '' for the layer as a whole. */
export class ShapeError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** A shape as messages show it: `[8, 8, 3]`. */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Whether two shapes are the same. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * The shape of an image, [height, width, channels], if it is one.
 * @throws ShapeError that names the layer's type
 */
export function imageShape(type: string, shape: number[]): [height: number, width: number, channels: number] {
  const [height, width, channels] = shape;
  if (shape.length !== 3) throw new ShapeError('', `${type} takes [height, width, channels], not ${shapeText(shape)}`);
  return [height, width, channels];
}
