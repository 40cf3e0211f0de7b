/** Weights of classes in a loss: given, or such that each class weighs the same. */
import { Type, type Static } from 'typebox';
import type { Target } from '../../data/index.js';
import type { FieldProblem } from '../../errors.js';
import { optional, Positive } from '../../schema/fields.js';

/** What a request may say of them. */
export const ClassWeights = Type.Union(
  [Type.Array(Positive('Weight of a class'), { minItems: 1 }), Type.Literal('balanced')],
  {
    description:
      'A weight for each class, in the order of their indexes: a row has the weight of its class, and the mean is divided by the sum ' +
      'of the weights (PyTorch). `balanced`: the number of training rows, divided by the number of classes and the rows of the class ' +
      '(scikit-learn). The validation loss uses the same weights. Left out: all rows count equally',
  },
);
/** As the schema says. */
export type ClassWeights = Static<typeof ClassWeights>;

/** The argument of a loss that has them. */
export const weightArgument = { weight: optional(ClassWeights) };

/** Whether there is a weight for each class. */
export function weightMisfits({ weight }: { weight?: ClassWeights }, target: Target): FieldProblem[] {
  if (target.kind !== 'classes' || !Array.isArray(weight) || weight.length === target.classes) return [];
  return [{ pointer: '/weight', detail: `must have ${target.classes} weights, one per class, not ${weight.length}` }];
}

/**
 * scikit-learn's `balanced` weights of the classes, counted over some of the rows: the rows over the classes that occur
 * and the rows of each. One that does not occur weighs 1.
 */
export function balancedWeights(labels: ArrayLike<number>, rows: Int32Array, classes: number): number[] {
  const counts = new Float64Array(classes);
  for (const row of rows) counts[labels[row]]++;
  const occurring = counts.filter((count) => count > 0).length;
  return Array.from(counts, (count) => (count === 0 ? 1 : rows.length / (occurring * count)));
}
