import type * as tf from '@tensorflow/tfjs';

/** The class of a layer that Keras's JSON can name, made from its `Config`. */
export type LayerClass<Config> = (new (config: Config) => tf.layers.Layer) &
  Pick<tf.serialization.SerializableConstructor<tf.serialization.Serializable>, 'className' | 'fromConfig'>;
