/** Callbacks with their defaults, and whether what they watch is there. */
import { Value } from 'typebox/value';
import type { Target } from '../../data/types.js';
import { defaultMetrics } from './objective.js';
import type { Problems } from './problems.js';
import { callbackSchemas, type CallbackRequest } from './schema/callbacks.js';
import type { JobRequest } from './schema/request.js';
import type { CallbackSpec } from './types.js';

/** Fills in the defaults that the schemas state. */
export const completeCallbacks = (callbacks: CallbackRequest[] = []): CallbackSpec[] =>
  callbacks.map((callback) => Value.Default(callbackSchemas[callback.name], { ...callback }) as CallbackSpec);

export function checkMonitors({ callbacks = [], metrics }: JobRequest, target: Target | undefined, problems: Problems): void {
  if (!target) return;
  const known = ['train_loss', 'valid_loss', ...(metrics ?? defaultMetrics(target))];
  for (const [i, callback] of callbacks.entries()) {
    if (!('monitor' in callback) || callback.monitor === undefined || known.includes(callback.monitor)) continue;
    problems.add(`/callbacks/${i}/monitor`, `must be one of ${known.join(', ')}, not ${callback.monitor}`);
  }
}
