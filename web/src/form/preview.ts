/** What of a policy can be drawn before anything trains. */
import type { Json } from './schema.js';
import { isObject } from './value.js';

/** A request for a preview, and whether its rates are shares of one that is not known yet. */
export interface PreviewOf {
  body: { readonly [key: string]: Json };
  relative: boolean;
}

const iterations = 200;

/** The request that draws a policy; a rate that a finder will suggest counts as 1. */
export function previewOf(policy: Json | undefined): PreviewOf | null {
  if (!isObject(policy) || typeof policy.name !== 'string') return null;
  const entries = Object.entries(policy);
  const awaits = (value: Json): boolean => isObject(value) && 'lr_find' in value;
  const known = Object.fromEntries(entries.map(([name, value]) => [name, awaits(value) ? 1 : value]));
  const finder = policy.name === 'lr_find';
  const body: PreviewOf['body'] = finder ? { policy: known } : { policy: known, n_iteration: iterations };
  return { body, relative: entries.some(([, value]) => awaits(value)) };
}
