/** What a key may do. */
import { Type, type Static } from 'typebox';

/** Scope → what it allows. */
export const scopes = {
  read: 'read everything: jobs, curves, data sets, models, predictions',
  jobs: 'post and control jobs',
  data: 'upload and delete data sets and models',
  admin: 'all of it, and keys, the queue and the workers',
} as const;

/** One of them. */
export const Scope = Type.Enum(Object.keys(scopes) as (keyof typeof scopes)[], {
  title: 'Scope',
  description: Object.entries(scopes)
    .map(([name, text]) => `\`${name}\`: ${text}`)
    .join('. '),
});
/** As the schema says. */
export type Scope = Static<typeof Scope>;

/** Whether somebody with these scopes may do what needs one. */
export const allows = (held: readonly Scope[], needed: Scope): boolean =>
  held.includes('admin') || held.includes(needed);
