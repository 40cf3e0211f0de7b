import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

/** As good as float32's lowest number, and finite. */
const lowest = -3.4e38;

/**
 * Pads images [n, h, w, c] by `padding` pixels on each side, of a number below any other, as PyTorch's `MaxPool2d`
 * does: a zero might win.
 */
export class LowestPadding2D extends tf.layers.Layer {
  static readonly className = 'LowestPadding2D';
  private readonly padding: number;

  constructor({ padding, name }: { padding: number; name?: string }) {
    super(name === undefined ? {} : { name });
    this.padding = padding;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const side: [number, number] = [this.padding, this.padding];
    return tf.pad(x, [[0, 0], side, side, [0, 0]], lowest);
  }

  override computeOutputShape([rows, height, width, channels]: tf.Shape): tf.Shape {
    return [rows!, height! + 2 * this.padding, width! + 2 * this.padding, channels!];
  }

  override getConfig() {
    return { ...super.getConfig(), padding: this.padding };
  }
}
