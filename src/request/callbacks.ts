/** Callbacks with their defaults: whether each is known, its arguments are right, and what it watches is there. */
import type { DatasetInfo } from '../data/types.js';
import { builtIn, builtInNames } from '../learner/callbacks/index.js';
import type { CallbackRequest, CallbackSpec, OwnCallbacks } from '../learner/callbacks/index.js';
import { defaultMetrics, monitoredNames } from '../learner/metrics/index.js';
import { problemsOf } from '../schema/check.js';
import type { JobRequest } from './body.js';
import type { Problems } from './problems.js';

/** Fills in the defaults that the schemas state. `own`: the custom callbacks that this server has. */
export const completeCallbacks = (callbacks: CallbackRequest[] = [], own: OwnCallbacks = new Map()): CallbackSpec[] =>
  callbacks.map(({ name, ...args }) => ({ name, ...(builtIn(name) ?? own.get(name))?.complete(args) }));

/** The built-in ones have been checked with the request's shape; custom ones are checked here. */
export function checkOwnCallbacks({ callbacks = [] }: JobRequest, own: OwnCallbacks, problems: Problems): void {
  for (const [i, { name, ...args }] of callbacks.entries()) {
    if (builtIn(name)) continue;
    const custom = own.get(name);
    if (!custom) {
      const known = [...builtInNames, ...own.keys()].join(', ');
      problems.add(`/callbacks/${i}/name`, `must be one of ${known}, not ${JSON.stringify(name)}`);
    } else if (custom.arguments) {
      for (const { pointer, detail } of problemsOf(custom.arguments, custom.complete(args)))
        problems.add(`/callbacks/${i}${pointer}`, detail);
    }
  }
}

/**
 * Whether an epoch will have what a callback monitors: without rows that validate (`validates`) it has its training
 * loss alone.
 */
export function checkMonitors(
  { callbacks = [], metrics }: JobRequest,
  { target }: DatasetInfo,
  validates: boolean,
  problems: Problems,
): void {
  const measured = monitoredNames(metrics ?? defaultMetrics[target.kind]);
  const known: string[] = ['train_loss', ...(validates ? ['valid_loss', ...measured] : [])];
  for (const [i, { name, ...args }] of callbacks.entries()) {
    const monitor = builtIn(name)?.complete(args).monitor;
    if (typeof monitor !== 'string' || known.includes(monitor)) continue;
    problems.add(
      `/callbacks/${i}/monitor`,
      validates
        ? `must be one of ${known.join(', ')}, not ${monitor}`
        : `must be train_loss, not ${monitor}: there are no validation rows`,
    );
  }
}

/** Categories of a table are indexes: they cannot be blended as `mixup` blends numbers. */
export function checkMixup({ callbacks = [] }: JobRequest, { features }: DatasetInfo, problems: Problems): void {
  if (!features || features.cardinalities.length === 0) return;
  for (const [i, { name }] of callbacks.entries())
    if (name === 'mixup')
      problems.add(`/callbacks/${i}`, 'mixup needs numbers, but this table has columns of categories');
}
