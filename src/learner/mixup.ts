/** fastai's MixUp: rows blended with others of their batch. What is drawn depends on seed and iteration alone. */
import type { Engine, Tensor, TensorSpec } from '../engine/index.js';
import { beta, permutation } from '../numbers/random.js';
import type { LossFunction } from './losses/index.js';

/** What a step is fed for it. */
export interface MixupDraws {
  /** [rows]: how much of each row stays, 0.5 to 1. */
  share: Float32Array;
  /** int32 [rows]: the row of the batch that the rest is of. */
  partner: Int32Array;
}

/** The forms of `MixupDraws`, in its order. */
export const mixupSpecs = (rows: number): TensorSpec[] => [
  { shape: [rows], dtype: 'float32' },
  { shape: [rows], dtype: 'int32' },
];

/** Shares from Beta(alpha, alpha), of each draw the larger side, and an order of the rows. */
export function drawMixup(rows: number, { alpha }: { alpha: number }, seed: number, iteration: number): MixupDraws {
  const share = beta(new Float32Array(rows), alpha, { seed, purpose: 'mixup', index: iteration });
  for (let i = 0; i < rows; i++) share[i] = Math.max(share[i], 1 - share[i]);
  return { share, partner: permutation(rows, { seed, purpose: 'partners', index: iteration }) };
}

/** Rows, their targets, and what has been drawn for them. */
export interface MixedBatch {
  x: Tensor;
  y: Tensor;
  share: Tensor;
  partner: Tensor;
}

/**
 * The mean loss of a batch of blended rows; `predict` is the model. Classes cannot be blended: the losses against both
 * are. As in fastai, classes' weights then weigh rows in a plain mean.
 */
export function mixedLoss(
  engine: Engine,
  loss: LossFunction,
  { x, y, share, partner }: MixedBatch,
  predict: (x: Tensor) => Tensor,
): Tensor {
  const { tf } = engine;
  const output = predict(blend(engine, tf.gather(x, partner), x, share));
  const otherY = tf.gather(y, partner);
  if (loss.rows === undefined) return loss.compute(engine, output, blend(engine, otherY, y, share));
  return tf.mean(blend(engine, loss.rows(engine, output, otherY), loss.rows(engine, output, y), share));
}

/** PyTorch's `lerp`, row by row: `a` where the share is 0, `b` where it is 1. */
function blend({ tf }: Engine, a: Tensor, b: Tensor, share: Tensor): Tensor {
  const weight = tf.reshape(share, [-1, ...a.shape.slice(1).map(() => 1)]);
  return tf.add(a, tf.mul(weight, tf.sub(b, a)));
}
