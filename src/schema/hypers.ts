/**
 * What a hyperparameter's value may be, wherever it stands: in an optimizer's arguments, in a policy's, in a schedule.
 */
import { Decay, NotNegative, Positive } from './fields.js';

/** By fastai's names, a schema each; the description is of the place where it stands. */
export const hyperSchemas = {
  lr: (description = 'Learning rate') => NotNegative(description),
  mom: (description = 'Momentum') => Decay(description),
  sqr_mom: (description = 'Momentum of the squared gradients') => Decay(description),
  // fastai and PyTorch take 0 too, and divide by it where all gradients of a weight have been 0.
  eps: (description = 'Added to the denominator, against division by zero') => Positive(description),
  wd: (description = 'Weight decay') => NotNegative(description),
};

/** The hyperparameters that a schedule may drive; an optimizer has some of them. */
export type HyperName = keyof typeof hyperSchemas;

/** All of them, in the order in which they are shown. */
export const hyperNames = Object.keys(hyperSchemas) as readonly HyperName[];
