import { Type } from 'typebox';
import { sortFields, sortPattern } from '../../jobs/list-query.js';
import { Job, jobStatuses } from '../../jobs/record.js';
import { jobTypes } from '../../request/spec.js';
import { defaulted, oneOf, optional } from '../../schema/fields.js';
import { answers } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const ListQuery = query({
  status: optional(oneOf(jobStatuses, { description: 'Only jobs of this status' })),
  type: optional(oneOf(jobTypes, { description: 'Only jobs of this type' })),
  tag: optional(
    Type.String({
      minLength: 1,
      description: 'Only jobs with this tag: its name, or `name:value`',
      examples: ['team', 'team:vision'],
    }),
  ),
  q: optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Only jobs that have each of these words, in any letter case, as a part of their name, id, tags ' +
        '(`name:value`), policy or preset',
      examples: ['one_cycle mlp'],
    }),
  ),
  sort: defaulted(
    Type.String({
      pattern: sortPattern,
      description:
        `What the jobs are sorted by: ${sortFields.map((field) => `\`${field}\``).join(', ')}, or \`metrics.NAME\`, a ` +
        'metric of `result`; with `-` before it descending. Jobs without a value come last either way, those with ' +
        `the same one newest first. \`status\`: ${jobStatuses.join(', ')}`,
      examples: ['-metrics.accuracy', 'name'],
    }),
    '-created_at',
  ),
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs per page' }), 20),
  after: optional(Type.String({ description: 'Id of the last job of the page before' })),
});
const JobList = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Array(Job),
    has_more: Type.Boolean({ description: 'Whether another page follows' }),
  },
  { title: 'JobList' },
);
/** Listing jobs. */
export function jobListRoute(app: App, { jobs }: Context): void {
  app.get(
    '/jobs',
    {
      schema: {
        tags: ['jobs'],
        summary: 'List jobs',
        description:
          'By pages: the next one begins `after` the last job of this one. Sorted by `created_at`, a page takes as long ' +
          'as it is long, and with `tag` or `q` as many jobs as must be looked at to fill it; any other order looks at ' +
          'every job of the `status` for each page. A job whose value changes between two pages may be in both or in ' +
          'neither.',
        querystring: ListQuery,
        response: answers({ 200: JobList }, 'invalid_request', 'unavailable'),
      },
    },
    async (request) => ({ object: 'list' as const, ...(await jobs.list(request.query)) }),
  );
}
