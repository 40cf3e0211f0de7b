import type { Target } from '../data/types.js';
import { metrics } from '../learner/metrics/index.js';
import type { JobRequest } from './body.js';
import type { Problems } from './problems.js';

/** Whether metrics fit what is to be predicted. The loss is checked with the data set, whose target it decides on. */
export function checkMetrics({ metrics: names = [] }: JobRequest, { kind }: Target, problems: Problems): void {
  for (const [i, name] of names.entries()) {
    const { target } = metrics[name];
    if (target !== kind) problems.add(`/metrics/${i}`, `${name} is for ${target}; here ${kind} are predicted`);
  }
}
