import { Positive } from '../../schema/fields.js';
import { defineCallback } from './callback.js';

/** `gradient_clip_value`: PyTorch's `clip_grad_value_`. It is compiled into the step, after `gradient_clip`. */
export const gradientClipValue = defineCallback({
  name: 'gradient_clip_value',
  description: "Cuts each element of the gradients to ±`clip_value` (PyTorch's `clip_grad_value_`)",
  arguments: { clip_value: Positive('Bound for each element') },
  inFinder: true,
  create: ({ clip_value }) => ({ step: { clipValue: clip_value } }),
});
