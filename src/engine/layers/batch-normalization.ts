import * as tf from '@tensorflow/tfjs';
import type { Kernels, Tensor, Variable } from '../contract.js';
import type { LayerClass } from './layer-class.js';

interface Config {
  epsilon?: number;
  momentum?: number;
  name?: string;
}

/** By role: the layer's weights, each [channels]. */
type Weights = Record<'gamma' | 'beta' | 'mean' | 'variance', ReturnType<tf.layers.Layer['addWeight']>>;

/**
 * The class of Keras's BatchNormalization, over the last axis of [n, c] or [n, h, w, c], on the engine's fused kernel.
 * TensorFlow.js's own goes by `moments` and keeps the biased variance; this one keeps the unbiased, as PyTorch does.
 * Weights: gamma, beta, moving_mean, moving_variance. Defaults are Keras's.
 */
export function batchNormalization(kernels: Kernels): LayerClass<Config> {
  return class BatchNormalization extends tf.layers.Layer {
    static readonly className = 'BatchNormalization';
    private readonly config: Required<Omit<Config, 'name'>>;
    private added: Weights | null = null;

    constructor({ epsilon = 1e-3, momentum = 0.99, name }: Config = {}) {
      super(name === undefined ? {} : { name });
      this.config = { epsilon, momentum };
    }

    override build(inputShape: tf.Shape | tf.Shape[]): void {
      const channels = (inputShape as tf.Shape).at(-1)!;
      const add = (name: string, initial: 'zeros' | 'ones', trainable: boolean) =>
        this.addWeight(name, [channels], 'float32', tf.initializers[initial](), undefined, trainable);
      this.added = {
        gamma: add('gamma', 'ones', true),
        beta: add('beta', 'zeros', true),
        mean: add('moving_mean', 'zeros', false),
        variance: add('moving_variance', 'ones', false),
      };
      this.built = true;
    }

    override call(inputs: Tensor | Tensor[], { training }: { training?: boolean }): Tensor {
      return tf.tidy(() => {
        const x = Array.isArray(inputs) ? inputs[0] : inputs;
        return training === true ? this.train(x) : this.infer(x);
      });
    }

    override computeOutputShape(inputShape: tf.Shape): tf.Shape {
      return inputShape;
    }

    override getConfig() {
      return { ...super.getConfig(), ...this.config };
    }

    private train(x: Tensor): Tensor {
      const { gamma, beta, mean, variance } = this.builtWeights();
      // The fused kernel is for images; rows of features are images of one pixel.
      const image = x.shape.length === 4 ? x : tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]!]);
      const batch = kernels.batchNorm(image, gamma.read(), beta.read(), this.config.epsilon);
      this.move(mean.read() as Variable, batch.mean);
      this.move(variance.read() as Variable, batch.variance);
      return tf.reshape(batch.y, x.shape);
    }

    private infer(x: Tensor): Tensor {
      const { gamma, beta, mean, variance } = this.builtWeights();
      const scale = tf.mul(gamma.read(), tf.rsqrt(tf.add(variance.read(), this.config.epsilon)));
      return tf.add(tf.mul(tf.sub(x, mean.read()), scale), beta.read());
    }

    /** TensorFlow.js builds a layer before it calls it. */
    private builtWeights(): Weights {
      if (this.added === null) throw new Error(`${this.name} is called before it is built`);
      return this.added;
    }

    /** average ← average·momentum + value·(1 − momentum) */
    private move(average: Variable, value: Tensor): void {
      const { momentum } = this.config;
      kernels.assign(average, tf.add(tf.mul(average, momentum), tf.mul(value, 1 - momentum)));
    }
  };
}
