/** The losses that a request can name. Loads no engine. */
import { Type } from 'typebox';
import type { Target } from '../../data/index.js';
import type { Activation } from '../../models/kept-model.js';
import type { JsonObject } from '../../schema/json.js';
import { shortAndLongForms, shortest } from '../name-of.js';
import { bceWithLogits } from './bce-with-logits.js';
import { balancedWeights } from './class-weights.js';
import { crossEntropy } from './cross-entropy.js';
import { huber } from './huber.js';
import { l1 } from './l1.js';
import { labelSmoothing } from './label-smoothing.js';
import type { Loss, LossFunction } from './loss.js';
import { mse } from './mse.js';

export type { Loss, LossFunction } from './loss.js';

/** Every loss by its name. A new one is a file beside these and a line here. */
export const losses = {
  cross_entropy: crossEntropy,
  label_smoothing: labelSmoothing,
  mse,
  l1,
  huber,
  bce_with_logits: bceWithLogits,
} as const satisfies Record<string, Loss>;

/** The name of a loss. */
export type LossName = keyof typeof losses;

/** A loss with its arguments. */
export type NamedLoss = { name: LossName } & JsonObject;

/** A loss as a request and a record have it: its name alone, or with arguments. */
export type LossSpec = LossName | NamedLoss;

/** The loss where a request names none. */
export const defaultLoss: Readonly<Record<Target['kind'], LossName>> = { classes: 'cross_entropy', values: 'mse' };

/** What makes answers of the outputs that a loss was trained on: fastai's `activation` of the loss. */
export function activationOf(spec: LossSpec): Activation {
  if (lossTarget(spec) === 'classes') return 'softmax';
  return namedLoss(spec).name === 'bce_with_logits' ? 'sigmoid' : 'none';
}

/** What a request may name. */
export const LossSchema = Type.Unsafe<LossSpec>(
  Type.Union(shortAndLongForms('Loss', losses), {
    title: 'Loss',
    description:
      'What training minimizes: a name, or an object with a `name` and arguments. ' +
      `Left out: \`${defaultLoss.classes}\` for classes, \`${defaultLoss.values}\` for values`,
  }),
);

/** A loss in its long form. */
export const namedLoss = (spec: LossSpec): NamedLoss => (typeof spec === 'string' ? { name: spec } : spec);

/** What a loss compares outputs with. */
export const lossTarget = (spec: LossSpec): Target['kind'] => losses[namedLoss(spec).name].target;

/** A loss with all defaults filled in, as a record has it: its name alone where it has no arguments. */
export function completeLoss(spec: LossSpec): LossSpec {
  const { name, ...args } = namedLoss(spec);
  return shortest(name, losses[name].complete(args));
}

/** The rows that train, as far as a loss looks at them. */
interface TrainingRows {
  target: Target;
  /** Of all rows: class indexes, or values. */
  y: ArrayLike<number>;
  /** Which of them train. */
  rows: Int32Array;
}

/** A loss that means the same without the rows that train: weights that were to be balanced are numbers. */
export function fixedLoss(spec: LossSpec, { target, y, rows }: TrainingRows): LossSpec {
  const { name, ...args } = namedLoss(spec);
  if (losses[name].weights(args) !== 'balanced' || target.kind !== 'classes') return spec;
  return { name, ...args, weight: balancedWeights(y, rows, target.classes) };
}

/** A loss with what it was made of: two of the same spec compute the same. */
export interface MadeLoss extends LossFunction {
  readonly spec: NamedLoss;
}

/** Makes a loss that a spec names; classes that are to be balanced are counted. */
export function makeLoss(given: LossSpec, training: TrainingRows): MadeLoss {
  const spec = namedLoss(fixedLoss(given, training));
  const { name, ...args } = spec;
  const weights = losses[name].weights(args);
  return { ...losses[name].create(args, weights === 'balanced' ? null : weights), spec };
}
