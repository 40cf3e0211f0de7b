/** A rate that a learning-rate finder suggests. */
import { type FromLrFind, isFromLrFind, type PolicySpec, type SuggestionName } from '../schedule/index.js';

/** The finder that must run before a job: which of its suggestions is wanted, and its own arguments. */
export interface FinderRequest {
  suggestion: SuggestionName;
  arguments: Omit<Exclude<FromLrFind['lr_find'], SuggestionName>, 'suggestion'>;
}

/** Brings `{"lr_find": "valley"}` to its long form, and says which finder must run first. */
export function normaliseRate(policy: PolicySpec): { policy: PolicySpec; finder?: FinderRequest } {
  for (const [argument, rate] of Object.entries(policy)) {
    if (!isFromLrFind(rate)) continue;
    const long = typeof rate.lr_find === 'string' ? { suggestion: rate.lr_find } : rate.lr_find;
    const { suggestion, ...finderArguments } = long;
    return { policy: { ...policy, [argument]: { lr_find: long } }, finder: { suggestion, arguments: finderArguments } };
  }
  return { policy };
}

/** The policy of the finder's job. All suggestions are made, so that its record shows what else there was. */
export const finderPolicy = (finder: FinderRequest): PolicySpec => ({ name: 'lr_find', ...finder.arguments });
