import type * as tf from '@tensorflow/tfjs';

/** The class of a layer that Keras JSON can name. */
export type LayerClass<Config> = (new (config: Config) => tf.layers.Layer) &
  Pick<tf.serialization.SerializableConstructor<tf.serialization.Serializable>, 'className' | 'fromConfig'>;
