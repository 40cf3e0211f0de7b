import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

interface Config {
  size?: [number, number];
  name?: string;
}

/**
 * The class of Keras's UpSampling2D, nearest neighbours: each pixel of [n, h, w, c] becomes a rectangle of pixels, by
 * copies. TensorFlow.js's own resizes, and on some of its backends the gradient of that is wrong (its own JavaScript
 * backend's at a size of 3).
 */
export class UpSampling2D extends tf.layers.Layer {
  static readonly className = 'UpSampling2D';
  private readonly size: [number, number];

  constructor({ size = [2, 2], name }: Config = {}) {
    super(name === undefined ? {} : { name });
    this.size = size;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      const [rows, height, width, channels] = x.shape;
      const [down, across] = this.size;
      const taller = tf.tile(tf.reshape(x, [rows, height, 1, width * channels]), [1, 1, down, 1]);
      const wider = tf.tile(tf.reshape(taller, [rows * height * down, width, 1, channels]), [1, 1, across, 1]);
      return tf.reshape(wider, [rows, height * down, width * across, channels]);
    });
  }

  override computeOutputShape([rows, height, width, channels]: tf.Shape): tf.Shape {
    return [rows!, height! * this.size[0], width! * this.size[1], channels!];
  }

  override getConfig() {
    return { ...super.getConfig(), size: this.size, dataFormat: 'channelsLast', interpolation: 'nearest' };
  }
}
