import * as tf from '@tensorflow/tfjs';
import type { Kernels, StepSeed, Tensor } from '../contract.js';
import type { LayerClass } from './layer-class.js';

interface Config {
  /** The share of numbers that become zero, in [0, 1). */
  rate: number;
  /** Tells the layers of a model apart: two of one stream would drop the same places. */
  stream?: number;
  name?: string;
}

/**
 * The class of Keras's Dropout, by random numbers that depend on the step's seed and the layer's stream alone: so a
 * killed run resumes bit for bit, and a traced step does not repeat one mask.
 * @param seed the step's seed; a layer that is called in training while there is none throws an Error
 */
export function dropout(kernels: Kernels, seed: StepSeed): LayerClass<Config> {
  return class Dropout extends tf.layers.Layer {
    static readonly className = 'Dropout';
    private readonly rate: number;
    private readonly stream: number;

    constructor({ rate, stream = 0, name }: Config) {
      super(name === undefined ? {} : { name });
      this.rate = rate;
      this.stream = stream;
      this.supportsMasking = true;
    }

    override call(inputs: Tensor | Tensor[], { training }: { training?: boolean }): Tensor {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      if (training !== true || this.rate === 0) return x;
      return tf.tidy(() => {
        if (seed.current === null) throw new Error('dropout outside of a training step');
        // Each layer's own seed: a large odd number (2³²/φ, as in Knuth's multiplicative hashing) times its index,
        // added to it.
        const own = tf.add(seed.current, tf.tensor1d([Math.imul(this.stream + 1, 0x9e3779b1), 0], 'int32'));
        const kept = tf.cast(tf.greaterEqual(kernels.statelessUniform(x.shape, own), this.rate), 'float32');
        return tf.mul(x, tf.mul(kept, 1 / (1 - this.rate)));
      });
    }

    override computeOutputShape(inputShape: tf.Shape): tf.Shape {
      return inputShape;
    }

    override getConfig() {
      return { ...super.getConfig(), rate: this.rate };
    }
  };
}
