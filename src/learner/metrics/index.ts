import { accuracy } from './accuracy.js';
import { mae, mse } from './errors.js';
import type { Metric } from './metric.js';
import { r2 } from './r2.js';

export { Mean, type Metric } from './metric.js';

export const metrics = { accuracy, mse, mae, r2 } as const satisfies Record<string, () => Metric>;
export type MetricName = keyof typeof metrics;
