/** The metrics that a request can name. Loads no engine. */
import { Type } from 'typebox';
import type { Target } from '../../data/index.js';
import type { JsonObject } from '../../schema/json.js';
import { describedNames, shortAndLongForms, shortest } from '../name-of.js';
import { accuracyMulti } from './accuracy-multi.js';
import { accuracy } from './accuracy.js';
import { confusionMatrix } from './confusion-matrix.js';
import { errorRate } from './error-rate.js';
import { explainedVariance } from './explained-variance.js';
import { f1Score } from './f1-score.js';
import { mae } from './mae.js';
import type { Metric } from './metric.js';
import { mse } from './mse.js';
import { precision } from './precision.js';
import { r2 } from './r2.js';
import { recall } from './recall.js';
import { rmse } from './rmse.js';
import { rocAuc } from './roc-auc.js';
import { topKAccuracy } from './top-k-accuracy.js';

export { Mean } from './mean.js';
export type { Measured, Meter, Metric } from './metric.js';

/** Every metric by its name. A new one is a file beside these and a line here. */
export const metrics = {
  accuracy,
  error_rate: errorRate,
  top_k_accuracy: topKAccuracy,
  precision,
  recall,
  f1_score: f1Score,
  roc_auc: rocAuc,
  confusion_matrix: confusionMatrix,
  mse,
  rmse,
  mae,
  r2,
  explained_variance: explainedVariance,
  accuracy_multi: accuracyMulti,
} as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;

/** A metric with its arguments. */
export type NamedMetric = { name: MetricName } & JsonObject;

/** A metric as a request and a record have it: its name alone, or with arguments. */
export type MetricSpec = MetricName | NamedMetric;

/** What is measured where a request names no metrics. */
export const defaultMetrics: Readonly<Record<Target['kind'], readonly MetricName[]>> = {
  classes: ['accuracy'],
  values: ['mae'],
};

const MetricSchema = Type.Unsafe<MetricSpec>(
  Type.Union(shortAndLongForms('Metric', metrics), {
    title: 'Metric',
    description: 'A metric by its name, or with arguments',
  }),
);

/** What a request may name. */
export const MetricsSchema = Type.Array(MetricSchema, {
  uniqueItems: true,
  description:
    'Computed on the validation rows after each epoch: names, or objects with a `name` and arguments. ' +
    `Left out: ${describedNames(defaultMetrics.classes)} for classes, ${describedNames(defaultMetrics.values)} for values`,
});

/** A metric in its long form. */
export const namedMetric = (spec: MetricSpec): NamedMetric => (typeof spec === 'string' ? { name: spec } : spec);

/** A metric with all defaults filled in, as a record has it: its name alone where it has no arguments. */
export function completeMetric(spec: MetricSpec, target: Target): MetricSpec {
  const { name, ...args } = namedMetric(spec);
  return shortest(name, metrics[name].complete(args, target));
}

/** Whether there is a metric of this name. */
export const isMetricName = (name: string): name is MetricName => Object.hasOwn(metrics, name);

/** The names of those whose values are numbers, which callbacks can monitor. */
export const monitoredNames = (specs: readonly MetricSpec[]): MetricName[] =>
  specs.map((spec) => namedMetric(spec).name).filter((name) => metrics[name].lessIsBetter !== null);
