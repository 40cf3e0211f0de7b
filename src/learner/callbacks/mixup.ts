import { defaulted, Positive } from '../../schema/fields.js';
import { defineCallback } from './callback.js';

/** `mixup`: fastai's MixUp. It is compiled into the step; who is mixed with whom is drawn by (seed, iteration). */
export const mixup = defineCallback({
  name: 'mixup',
  description:
    'Blends each training row with another row of its batch, with a random share of 0.5 to 1, and blends ' +
    "their losses, or the values to predict, likewise (fastai's MixUp)",
  arguments: {
    alpha: defaulted(
      Positive('Shares are drawn from Beta(`alpha`, `alpha`): the larger, the stronger the blending'),
      0.4,
    ),
  },
  inFinder: true,
  create: ({ alpha }) => ({ step: { mixup: { alpha } } }),
});
