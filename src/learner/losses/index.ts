/** The losses that a request can name. Loads no engine. */
import type { Target } from '../../data/index.js';
import type { Activation } from '../../models/kept-model.js';
import { nameOf } from '../name-of.js';
import { crossEntropy } from './cross-entropy.js';
import type { Loss } from './loss.js';
import { mse } from './mse.js';

export type { Loss } from './loss.js';

/** Every loss by its name. */
export const losses = { cross_entropy: crossEntropy, mse } as const satisfies Record<string, Loss>;

/** The name of a loss. */
export type LossName = keyof typeof losses;

/** The loss where a request names none. */
export const defaultLoss: Readonly<Record<Target['kind'], LossName>> = { classes: 'cross_entropy', values: 'mse' };

/** What makes answers of the outputs that a loss was trained on. */
export const activationOf = ({ target }: Loss): Activation => (target === 'classes' ? 'softmax' : 'none');

/** What a request may name. */
export const LossSchema = nameOf(
  losses,
  `Left out: \`${defaultLoss.classes}\` for classes, \`${defaultLoss.values}\` for values`,
);
