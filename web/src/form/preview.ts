/** What of a policy can be drawn before anything trains. */
import type { Json } from './schema.js';
import { isObject } from './value.js';

/** Whether a finder will suggest this rate. */
const awaitsRate = (value: unknown): boolean => typeof value === 'object' && value !== null && 'lr_find' in value;

/** A policy whose rates a finder has found. */
export const withFoundRate = <T>(policy: Readonly<Record<string, T>>, rate: number): Record<string, T | number> =>
  Object.fromEntries(Object.entries(policy).map(([name, value]) => [name, awaitsRate(value) ? rate : value]));

/** A request for a preview, and whether its rates are shares of one that is not known yet. */
export interface PreviewOf {
  body: { readonly [key: string]: Json };
  relative: boolean;
}

const iterations = 200;

/** The request that draws a policy; a rate that a finder will suggest counts as 1. */
export function previewOf(policy: Json | undefined): PreviewOf | null {
  if (!isObject(policy) || typeof policy.name !== 'string') return null;
  const known = withFoundRate(policy, 1);
  const finder = policy.name === 'lr_find';
  const body: PreviewOf['body'] = finder ? { policy: known } : { policy: known, n_iteration: iterations };
  return { body, relative: Object.values(policy).some(awaitsRate) };
}
