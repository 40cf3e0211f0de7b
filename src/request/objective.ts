/** Loss and metrics, and whether they fit what is to be predicted. Pure: known to API and trainer. */
import type { Target } from '../data/types.js';
import type { Problems } from './problems.js';
import type { JobRequest, LossName, MetricName } from './body.js';

/** What a loss compares with: where it is classes, whole numbers are taken for them. */
export const targetOfLoss: Record<LossName, Target['kind']> = { cross_entropy: 'classes', mse: 'values' };
const targetOfMetric: Record<MetricName, Target['kind']> = {
  accuracy: 'classes',
  mse: 'values',
  mae: 'values',
  r2: 'values',
};

export const defaultLoss = (target: Target): LossName => (target.kind === 'classes' ? 'cross_entropy' : 'mse');
export const defaultMetrics = (target: Target): MetricName[] => (target.kind === 'classes' ? ['accuracy'] : ['mae']);

/** The loss is checked with the data set, whose target it decides on. */
export function checkMetrics({ metrics = [] }: JobRequest, { kind }: Target, problems: Problems): void {
  for (const [i, metric] of metrics.entries()) {
    if (targetOfMetric[metric] !== kind)
      problems.add(`/metrics/${i}`, `${metric} is for ${targetOfMetric[metric]}; here ${kind} are predicted`);
  }
}
