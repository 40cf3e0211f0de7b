import { defaulted, Positive } from '../../schema/fields.js';
import { defineCallback } from './callback.js';

/** `mixup`: fastai's MixUp. It is compiled into the step; who is mixed with whom is drawn by (seed, iteration). */
export const mixup = defineCallback({
  name: 'mixup',
  description:
    'Blends each training row with another one of its batch, by a share of 0.5 to 1 that is drawn for it; and ' +
    "likewise their losses, or the values to predict (fastai's MixUp)",
  arguments: {
    alpha: defaulted(Positive('Of the Beta(`alpha`, `alpha`) that shares are drawn from: the more, the stronger'), 0.4),
  },
  inFinder: true,
  create: ({ alpha }) => ({ step: { mixup: { alpha } } }),
});
