import { defaulted, Positive } from '../../schema/fields.js';
import { defineLoss } from './loss.js';

/** PyTorch's `huber_loss`. */
export const huber = defineLoss({
  description: 'Half the squared error against values up to `delta`, and `delta` times the absolute error beyond',
  target: 'values',
  arguments: { delta: defaulted(Positive('Errors beyond this count linearly'), 1) },
  create: ({ delta }) => ({
    compute({ tf }, output, target) {
      const error = tf.abs(tf.sub(output, target));
      const near = tf.minimum(error, delta);
      return tf.mean(tf.add(tf.mul(tf.square(near), 0.5), tf.mul(tf.sub(error, near), delta)));
    },
  }),
});
