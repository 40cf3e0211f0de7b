import { Type } from 'typebox';
import { optional, Whole } from '../../schema/fields.js';
import { Columns, narrow } from '../columns.js';
import { readColumns } from '../log-reader.js';
import { answers } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const Query = query({
  from: optional(Whole('The first iteration; left out: the first that there is')),
  points: optional(
    Type.Integer({
      minimum: 2,
      description: 'At most so many iterations, evenly spread, the first and the last among them; left out: all',
    }),
  ),
});

/** The curves of jobs. */
export function metricsRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/jobs/:id/metrics',
    {
      schema: {
        tags: ['results'],
        summary: "A job's losses and hyperparameters",
        params: JobId,
        querystring: Query,
        response: answers({ 200: Columns }, 'invalid_request', 'job_not_found', 'unavailable'),
      },
    },
    async ({ params: { id }, query }) => {
      await jobs.existing(id);
      return narrow(await readColumns(jobs, id, query.from), query);
    },
  );
}
