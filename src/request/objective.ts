import type { Target } from '../data/types.js';
import { losses, namedLoss } from '../learner/losses/index.js';
import { metrics, namedMetric } from '../learner/metrics/index.js';
import type { JobRequest } from './body.js';
import type { Problems } from './problems.js';

/** Whether the loss's arguments fit what is to be predicted. Its target is checked with the data set, which follows it. */
export function checkLoss({ loss }: JobRequest, target: Target, problems: Problems): void {
  if (loss === undefined) return;
  const { name, ...args } = namedLoss(loss);
  for (const { pointer, detail } of losses[name].problems(args, target)) problems.add(`/loss${pointer}`, detail);
}

/** Whether metrics fit what is to be predicted, and the rows that validate; and no two would have one name. */
export function checkMetrics(
  { metrics: specs = [] }: JobRequest,
  target: Target,
  rows: number,
  problems: Problems,
): void {
  const seen = new Set<string>();
  for (const [i, spec] of specs.entries()) {
    const { name, ...args } = namedMetric(spec);
    const metric = metrics[name];
    if (seen.has(name)) problems.add(`/metrics/${i}`, `must differ from the metrics before it: ${name} occurs twice`);
    else if (metric.target !== target.kind)
      problems.add(`/metrics/${i}`, `${name} is for ${metric.target}; here ${target.kind} are predicted`);
    else
      for (const { pointer, detail } of metric.problems(metric.complete(args, target), { target, rows }))
        problems.add(`/metrics/${i}${pointer}`, pointer === '' ? `${name} ${detail}` : detail);
    seen.add(name);
  }
}
