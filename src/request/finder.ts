/** A rate that a learning-rate finder suggests. */
import type { FromLrFind, LrFindArguments, PolicySpec, SuggestionName } from '../schedule/types.js';

export interface FinderRequest {
  suggestion: SuggestionName;
  arguments: Partial<LrFindArguments>;
}

type ShortForm = Omit<FromLrFind, 'lr_find'> & { lr_find: SuggestionName | FromLrFind['lr_find'] };

/** Where a policy has its rate. */
const rateFields = ['lr', 'lr_max', 'base_lr'] as const;

const isFromLrFind = (value: unknown): value is ShortForm =>
  typeof value === 'object' && value !== null && 'lr_find' in value;

/** Brings `{"lr_find": "valley"}` to its long form, and says which finder must run first. */
export function normaliseRate(policy: PolicySpec): { policy: PolicySpec; finder?: FinderRequest } {
  for (const field of rateFields) {
    const rate: unknown = field in policy ? policy[field as keyof PolicySpec] : undefined;
    if (!isFromLrFind(rate)) continue;
    const long = typeof rate.lr_find === 'string' ? { suggestion: rate.lr_find } : rate.lr_find;
    const { suggestion, ...finderArguments } = long;
    return { policy: { ...policy, [field]: { lr_find: long } }, finder: { suggestion, arguments: finderArguments } };
  }
  return { policy };
}

/** All suggestions are made, so that the finder's record shows what else there was. */
export const finderPolicy = (finder: FinderRequest): PolicySpec => ({ name: 'lr_find', ...finder.arguments });
