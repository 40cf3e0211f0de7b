import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

/** Columns of rows [n, width]: `count` of them, the `from`th on. */
export class Columns extends tf.layers.Layer {
  static readonly className = 'Columns';
  private readonly from: number;
  private readonly count: number;

  constructor({ from, count, name }: { from: number; count: number; name?: string }) {
    super(name === undefined ? {} : { name });
    this.from = from;
    this.count = count;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.slice(x, [0, this.from], [x.shape[0], this.count]);
  }

  override computeOutputShape([rows]: tf.Shape): tf.Shape {
    return [rows, this.count];
  }

  override getConfig() {
    return { ...super.getConfig(), from: this.from, count: this.count };
  }
}
