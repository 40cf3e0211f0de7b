/** The metrics that a request can name. Loads no engine. */
import { Type } from 'typebox';
import type { Target } from '../../data/index.js';
import { nameOf } from '../name-of.js';
import { accuracy } from './accuracy.js';
import { mae } from './mae.js';
import type { Metric } from './metric.js';
import { mse } from './mse.js';
import { r2 } from './r2.js';

export { Mean } from './mean.js';
export type { Meter, Metric } from './metric.js';

/** Every metric by its name. */
export const metrics = { accuracy, mse, mae, r2 } as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;

/** What is measured where a request names no metrics. */
export const defaultMetrics: Readonly<Record<Target['kind'], readonly MetricName[]>> = {
  classes: ['accuracy'],
  values: ['mae'],
};

/** What a request may name. */
export const MetricsSchema = Type.Array(nameOf(metrics), {
  uniqueItems: true,
  description:
    'Computed on the validation rows after each epoch. ' +
    `Left out: ${shown('classes')} for classes, ${shown('values')} for values`,
});

function shown(target: Target['kind']): string {
  return defaultMetrics[target].map((name) => `\`${name}\``).join(', ');
}

/** Whether there is a metric of this name. */
export const isMetricName = (name: string): name is MetricName => Object.hasOwn(metrics, name);
