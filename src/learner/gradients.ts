/** What shapes a step; what becomes of gradients between backward and the optimizer. All of it is traced with the step. */
import type { Engine, Tensor, Variable } from '../engine/index.js';

/** What shapes a step beside its model: each choice is part of the compiled graph. */
export interface StepOptions {
  /** Gradients are scaled down to this norm, of this type, over all parameters (PyTorch's `clip_grad_norm_`). */
  clipNorm?: { max: number; type: number };
  /** Gradients are cut to ±this (PyTorch's `clip_grad_value_`), after `clipNorm`. */
  clipValue?: number;
  /** Gradients of several batches are added up before a step (fastai's GradientAccumulation). */
  accumulate?: boolean;
  /** Rows are blended with others of their batch, by shares from Beta(alpha, alpha) (fastai's MixUp). */
  mixup?: { alpha: number };
}

/**
 * Adds gradients, times the scalar `scale`, to `sums`, one per gradient, and returns the new sums. Where these are
 * applied, the variables start again from zero.
 */
export function addUp(
  { tf, kernels }: Engine,
  sums: readonly Variable[],
  gradients: readonly Tensor[],
  { scale, apply }: { scale: Tensor; apply: boolean },
): Tensor[] {
  return sums.map((variable, i) => {
    const sum = tf.add(variable, tf.mul(gradients[i], scale));
    kernels.assign(variable, apply ? tf.zerosLike(sum) : sum);
    return sum;
  });
}

/** Gradients, clipped as the options say: by their norm first. */
export function clip({ tf }: Engine, gradients: Tensor[], { clipNorm, clipValue }: StepOptions): Tensor[] {
  const scaled = clipNorm === undefined || gradients.length === 0 ? gradients : scaleToNorm(tf, gradients, clipNorm);
  return clipValue === undefined ? scaled : scaled.map((gradient) => tf.clipByValue(gradient, -clipValue, clipValue));
}

function scaleToNorm(
  tf: Engine['tf'],
  gradients: readonly Tensor[],
  { max, type }: NonNullable<StepOptions['clipNorm']>,
): Tensor[] {
  const norm = tf.pow(tf.addN(gradients.map((gradient) => tf.sum(tf.pow(tf.abs(gradient), type)))), 1 / type);
  const factor = tf.minimum(tf.div(max, tf.add(norm, 1e-6)), 1); // 1e-6: PyTorch's
  return gradients.map((gradient) => tf.mul(gradient, factor));
}
