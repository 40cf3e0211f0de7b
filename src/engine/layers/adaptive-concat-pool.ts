import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

/** fastai's AdaptiveConcatPool2d of size 1, flattened: images [n, h, w, c] → [n, 2c], maxima first, then means. */
export class AdaptiveConcatPool2D extends tf.layers.Layer {
  static readonly className = 'AdaptiveConcatPool2D';

  constructor({ name }: { name?: string } = {}) {
    super(name === undefined ? {} : { name });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => tf.concat([tf.max(x, [1, 2]), tf.mean(x, [1, 2])], 1));
  }

  override computeOutputShape([rows, , , channels]: tf.Shape): tf.Shape {
    return [rows!, 2 * channels!];
  }
}
