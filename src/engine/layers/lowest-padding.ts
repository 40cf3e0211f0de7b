import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

/** Pads images [n, h, w, c] on each side by the lowest number there is, as PyTorch does before a max pool: a zero might win. */
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
    return tf.pad(x, [[0, 0], side, side, [0, 0]], -3.4e38);
  }

  override computeOutputShape([rows, height, width, channels]: tf.Shape): tf.Shape {
    return [rows!, height! + 2 * this.padding, width! + 2 * this.padding, channels!];
  }

  override getConfig() {
    return { ...super.getConfig(), padding: this.padding };
  }
}
