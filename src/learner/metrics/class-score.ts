/** What precision, recall and F1 share: scikit-learn's averages over classes. */
import type { TObject } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import type { Complete } from '../../schema/complete.js';
import { oneOf, optional, Whole } from '../../schema/fields.js';
import { addToCounts, type ClassCounts } from './class-counts.js';
import { defineMetric, type Measured, type Metric } from './metric.js';

const averages = ['binary', 'macro', 'micro', 'weighted'] as const;
type Average = (typeof averages)[number];

const classScoreArguments = {
  average: optional(
    oneOf(averages, {
      description:
        '`binary`: for the class `pos_label` of two classes; `macro`: the mean over the classes that occur; ' +
        '`micro`: over all rows together; `weighted`: the mean over the classes, weighted by their rows. ' +
        'Left out: `binary` for two classes, `macro` for more',
    }),
  ),
  pos_label: optional(Whole('Index of the class that `binary` evaluates. Left out: 1')),
};
type Arguments = Complete<TObject<typeof classScoreArguments>>;

/** Of so many rows right, predicted and actual, the score; 0 where it would be 0 / 0, as scikit-learn has it. */
type Score = (right: number, predicted: number, actual: number) => number;

/** A metric that is computed class by class from counts, as scikit-learn computes it. */
export const classScore = (description: string, score: Score): Metric =>
  defineMetric({
    description,
    target: 'classes',
    lessIsBetter: false,
    arguments: classScoreArguments,
    defaults(target, { average = usual(target.kind === 'classes' ? target.classes : 2) }) {
      return average === 'binary' ? { average, pos_label: 1 } : { average };
    },
    problems: misfits,
    start({ average, pos_label = 1 }) {
      let counts: ClassCounts | null = null;
      return {
        update: (output, batch) => void (counts = addToCounts(counts, output, batch)),
        value: () => (counts ? averaged(counts, score, average ?? usual(counts.actual.length), pos_label) : NaN),
      };
    },
  });

const usual = (classes: number): Average => (classes === 2 ? 'binary' : 'macro');

function misfits({ average, pos_label }: Arguments, { target }: Measured): FieldProblem[] {
  if (target.kind !== 'classes') return [];
  if (average !== 'binary')
    return pos_label === undefined ? [] : [{ pointer: '/pos_label', detail: 'must be left out: it is for `binary`' }];
  if (target.classes !== 2) {
    const others = averages.filter((each) => each !== 'binary').join(', ');
    return [{ pointer: '/average', detail: `must be one of ${others}: there are ${target.classes} classes, not two` }];
  }
  return pos_label === undefined || pos_label < 2
    ? []
    : [{ pointer: '/pos_label', detail: `must be 0 or 1, not ${pos_label}` }];
}

function averaged({ right, predicted, actual }: ClassCounts, score: Score, average: Average, positive: number): number {
  const of = (i: number) => score(right[i], predicted[i], actual[i]);
  if (average === 'binary') return of(positive);
  if (average === 'micro') return score(sum(right), sum(predicted), sum(actual));
  const weightOf = (i: number) => (average === 'weighted' ? actual[i] : predicted[i] + actual[i] > 0 ? 1 : 0);
  let [total, weights] = [0, 0];
  for (let i = 0; i < actual.length; i++) {
    total += weightOf(i) * of(i);
    weights += weightOf(i);
  }
  return total / weights;
}

const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);
