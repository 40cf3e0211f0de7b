import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

interface Config {
  groups: number;
  epsilon?: number;
  name?: string;
}

/**
 * The class of Keras 3's GroupNormalization, over the last axis of [n, h, w, c], which TensorFlow.js lacks: each group
 * of channels of each image has its own mean and (biased) variance, as in PyTorch's GroupNorm.
 * Weights: gamma, beta, [c] each.
 */
export class GroupNormalization extends tf.layers.Layer {
  static readonly className = 'GroupNormalization';
  private readonly config: Required<Omit<Config, 'name'>>;
  private added: Record<'gamma' | 'beta', ReturnType<tf.layers.Layer['addWeight']>> | null = null;

  constructor({ groups, epsilon = 1e-3, name }: Config) {
    super(name === undefined ? {} : { name });
    this.config = { groups, epsilon };
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = (inputShape as tf.Shape).at(-1)!;
    this.added = {
      gamma: this.addWeight('gamma', [channels], 'float32', tf.initializers.ones()),
      beta: this.addWeight('beta', [channels], 'float32', tf.initializers.zeros()),
    };
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      const { groups, epsilon } = this.config;
      const [rows, height, width, channels] = x.shape;
      const grouped = tf.reshape(x, [rows, height * width, groups, channels / groups]);
      const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
      const variance = tf.mean(tf.square(centred), [1, 3], true);
      const normal = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
      const { gamma, beta } = this.builtWeights();
      return tf.add(tf.mul(normal, gamma.read()), beta.read());
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.config };
  }

  /** TensorFlow.js builds a layer before it calls it. */
  private builtWeights() {
    if (this.added === null) throw new Error(`${this.name} is called before it is built`);
    return this.added;
  }
}
