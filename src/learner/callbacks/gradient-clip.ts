import { defaulted, Positive } from '../../schema/fields.js';
import { defineCallback } from './callback.js';

/** `gradient_clip`: fastai's GradientClip, PyTorch's `clip_grad_norm_`. It is compiled into the step. */
export const gradientClip = defineCallback({
  name: 'gradient_clip',
  description: "Scales all gradients down together where their norm exceeds `max_norm` (fastai's GradientClip)",
  arguments: {
    max_norm: defaulted(Positive('The largest norm, over all parameters'), 1),
    norm_type: defaulted(Positive('Order of the norm; 2 is the Euclidean norm'), 2),
  },
  inFinder: true,
  create: ({ max_norm, norm_type }) => ({ step: { clipNorm: { max: max_norm, type: norm_type } } }),
});
