import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import type { JobRecord } from '../../jobs/index.js';
import { findings, type PolicySpec } from '../../schedule/index.js';
import type { Columns } from '../columns.js';
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
      const columns = await readColumns(jobs, id);
      const curve = curveOf(columns);
      const { suggestions, reasons, lr_min, lr_steep } = findings(curve, policy);
      return {
        status: record.status,
        suggestions,
        reasons,
        lr_min,
        lr_steep,
        ...curve,
        raw_losses: columns.raw_loss,
        stopped: record.result?.stopped ?? null,
      };
    },
  );
}

/** A finder's curve: the rates of the last parameter group, the smoothed losses (null where they are no number). */
export const curveOf = ({ hypers, loss }: Columns): { lrs: number[]; losses: Columns['loss'] } => ({
  lrs: ('lr' in hypers ? hypers.lr.at(-1)! : []).map(Number),
  losses: loss,
});

/** @throws OnecycleError `not_available` for a job that is no finder */
export function finderPolicy({ id, lr_find, spec: { policy } }: JobRecord): Extract<PolicySpec, { name: 'lr_find' }> {
  if (policy.name === 'lr_find') return policy;
  const finder = lr_find ? ` Its finder is the job ${lr_find.job}.` : '';
  throw new OnecycleError('not_available', `The job ${id} is no learning-rate finder.${finder}`);
}
