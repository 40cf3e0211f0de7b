/** Callbacks with their defaults: whether each is known, its arguments are right, and what it watches is there. */
import { Value } from 'typebox/value';
import type { Target } from '../data/types.js';
import { problemsOf } from '../schema/check.js';
import { defaultMetrics } from './objective.js';
import type { OwnCallbacks } from './own-callbacks.js';
import type { Problems } from './problems.js';
import { callbackSchemas, isBuiltIn, type CallbackRequest } from './schema/callbacks.js';
import type { JobRequest } from './body.js';
import type { CallbackSpec } from './types.js';

/** Fills in the defaults that the schemas state. */
export const completeCallbacks = (callbacks: CallbackRequest[] = [], own: OwnCallbacks = new Map()): CallbackSpec[] =>
  callbacks.map((callback) => {
    if (isBuiltIn(callback)) return Value.Default(callbackSchemas[callback.name], { ...callback }) as CallbackSpec;
    const { name, ...args } = callback;
    return { name, ...withDefaults(own.get(name)?.schema, args) };
  });

/** A module's schema is plain JSON Schema, whose defaults TypeBox does not fill in. */
function withDefaults(
  { properties = {} }: { properties?: Record<string, { default?: unknown }> } = {},
  args: Record<string, unknown>,
): Record<string, unknown> {
  const defaults = Object.entries(properties).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(defaults), ...args };
}

/** The built-in ones have been checked with the request's shape; one's own are checked here. */
export function checkOwnCallbacks({ callbacks = [] }: JobRequest, own: OwnCallbacks, problems: Problems): void {
  for (const [i, callback] of callbacks.entries()) {
    if (isBuiltIn(callback)) continue;
    const { name, ...args } = callback;
    const known = own.get(name);
    if (!known)
      problems.add(
        `/callbacks/${i}/name`,
        `must be one of ${[...Object.keys(callbackSchemas), ...own.keys()].join(', ')}, not ${JSON.stringify(name)}`,
      );
    else if (known.schema) {
      const wrong = problemsOf({ additionalProperties: false, ...known.schema }, withDefaults(known.schema, args));
      for (const { pointer, detail } of wrong) problems.add(`/callbacks/${i}${pointer}`, detail);
    }
  }
}

/** `validates`: whether there are rows for it; without them an epoch has its training loss alone. */
export function checkMonitors(
  { callbacks = [], metrics }: JobRequest,
  target: Target,
  validates: boolean,
  problems: Problems,
): void {
  const known = ['train_loss', ...(validates ? ['valid_loss', ...(metrics ?? defaultMetrics(target))] : [])];
  for (const [i, callback] of completeCallbacks(callbacks).entries()) {
    const { name, monitor } = callback;
    if (!isBuiltIn({ name }) || typeof monitor !== 'string' || known.includes(monitor)) continue;
    problems.add(
      `/callbacks/${i}/monitor`,
      validates
        ? `must be one of ${known.join(', ')}, not ${monitor}`
        : `must be train_loss, not ${monitor}: no row validates`,
    );
  }
}
