/** The learning-rate finder's arguments, and a rate that it suggests. */
import type { Static } from 'typebox';
import { Type } from 'typebox';
import type { FieldProblem } from '../errors.js';
import { complete } from '../schema/complete.js';
import { Count, defaulted, Flag, PerGroup, strict } from '../schema/fields.js';
import { lengthProblems, ofGroup } from './groups.js';
import { SuggestionName } from './suggestions.js';

const aboveZero = Type.Number({ exclusiveMinimum: 0 });

/** What the policy `lr_find` takes, and a rate `{"lr_find": …}` beside its `suggestion`. */
export const finderArguments = {
  start_lr: defaulted(PerGroup(aboveZero, 'Rate to start from'), 1e-7),
  end_lr: defaulted(PerGroup(aboveZero, 'Rate to end with'), 10),
  num_it: defaulted(Count('Number of iterations; at least 6 are run, as in fastai'), 100),
  stop_div: defaulted(Flag('Whether to stop when the smoothed loss exceeds four times its best value'), true),
};

const LongForm = strict(
  { suggestion: SuggestionName, ...finderArguments },
  { title: 'SuggestedRate', description: 'A suggestion, with arguments of the finder' },
);

/** A rate that a finder suggests: `{"lr_find": "valley"}`, or with arguments of the finder. */
export const FromLrFind = strict(
  {
    lr_find: Type.Union([SuggestionName, LongForm], {
      description: 'The suggestion to use, alone or with arguments of the finder',
    }),
  },
  {
    title: 'FromLrFind',
    description: 'A learning-rate finder runs first, as a job of its own; its suggestion is the rate',
  },
);
/** As `FromLrFind` says. */
export type FromLrFind = Static<typeof FromLrFind>;

/** What is wrong with a finder's range for so many groups: in each, start_lr must be below end_lr. */
export function rangeProblems(
  { start_lr, end_lr }: { start_lr?: number | number[]; end_lr?: number | number[] },
  pointer: string,
  groups: number,
): FieldProblem[] {
  const lengths = [
    ...lengthProblems(start_lr, `${pointer}/start_lr`, groups),
    ...lengthProblems(end_lr, `${pointer}/end_lr`, groups),
  ];
  if (lengths.length > 0 || start_lr === undefined || end_lr === undefined) return lengths;
  const apart = Array.from({ length: groups }, (_, group) => ofGroup(start_lr, group) < ofGroup(end_lr, group));
  return apart.includes(false) ? [{ pointer: `${pointer}/start_lr`, detail: 'must be below end_lr' }] : [];
}

/** What is wrong with the finder of a rate for so many groups. */
export const fromLrFindProblems = ({ lr_find }: FromLrFind, pointer: string, groups: number): FieldProblem[] =>
  typeof lr_find === 'string' ? [] : rangeProblems(complete(LongForm, lr_find), `${pointer}/lr_find`, groups);
