import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import type { JobRecord } from '../../jobs/index.js';
import { suggest } from '../../schedule/suggestions.js';
import { suggestionNames, type PolicySpec, type SuggestionName } from '../../schedule/types.js';
import { readColumns } from '../log-reader.js';
import { JobId, MaybeNumber, Status, nullable } from '../schemas/job.js';
import { answers } from '../schemas/problem.js';
import { existing, type App, type Context } from './context.js';

const Numbers = Type.Array(MaybeNumber);
const LrFindAnswer = Type.Object(
  {
    status: Status,
    suggestions: Type.Record(Type.String(), MaybeNumber, {
      description: 'Rates; null until there is enough of a curve, or where a suggestion cannot be made',
    }),
    reasons: Type.Record(Type.String(), Type.String(), { description: 'Why, for each that is null' }),
    lr_min: nullable(Type.Number({ description: 'A tenth of the rate at the lowest loss' })),
    lr_steep: nullable(Type.Number({ description: 'The rate where the loss falls most steeply' })),
    lrs: Type.Array(Type.Number(), { description: 'Of the last parameter group' }),
    losses: Type.Array(MaybeNumber, { description: 'Smoothed' }),
    raw_losses: Numbers,
    stopped: nullable(
      Type.Unsafe<'num_it' | 'diverged'>({
        type: 'string',
        enum: ['num_it', 'diverged'],
        description: 'Why the curve ends',
      }),
    ),
  },
  { title: 'LrFindResult' },
);

/** These two stand beside `suggestions`. */
const pair: readonly SuggestionName[] = ['lr_min', 'lr_steep'];
/** Those that are shown where a finder names none. */
export const shownSuggestions = suggestionNames.filter((name) => !pair.includes(name));

export function lrFindRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/jobs/:id/lr-find',
    {
      schema: {
        tags: ['results'],
        summary: "A finder's curve and its suggestions",
        params: JobId,
        response: answers({ 200: LrFindAnswer }, 'job_not_found', 'not_available'),
      },
    },
    async ({ params: { id } }) => {
      const record = await existing(jobs, id);
      const policy = finderPolicy(record);
      const { hypers, loss, raw_loss } = await readColumns(jobs, id);
      const lrs = ('lr' in hypers ? hypers.lr.at(-1)! : []).map(Number);
      const wanted = policy.suggest_funcs ?? shownSuggestions;
      const { suggestions, reasons } = suggest({ lrs, losses: loss }, policy.num_it ?? 100, [
        ...new Set([...wanted, ...pair]),
      ]);
      return {
        status: record.status,
        suggestions: Object.fromEntries(wanted.map((name) => [name, suggestions[name] ?? null])),
        reasons,
        lr_min: suggestions.lr_min ?? null,
        lr_steep: suggestions.lr_steep ?? null,
        lrs,
        losses: loss,
        raw_losses: raw_loss,
        stopped: record.result?.stopped ?? null,
      };
    },
  );
}

/** @throws OnecycleError `not_available` for a job that is no finder */
export function finderPolicy({ id, lr_find, spec: { policy } }: JobRecord): Extract<PolicySpec, { name: 'lr_find' }> {
  if (policy.name === 'lr_find') return policy;
  const finder = lr_find ? ` Its finder is the job ${lr_find.job}.` : '';
  throw new OnecycleError('not_available', `The job ${id} is no learning-rate finder.${finder}`);
}
