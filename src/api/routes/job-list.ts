import { Type } from 'typebox';
import { sortFields, sortPattern } from '../../jobs/list-query.js';
import { Job, jobStatuses } from '../../jobs/record.js';
import { jobTypes } from '../../request/spec.js';
import { defaulted, oneOf, optional } from '../../schema/fields.js';
import { answers } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const ListQuery = query({
  status: optional(oneOf(jobStatuses, { description: 'Only jobs with this status' })),
  type: optional(oneOf(jobTypes, { description: 'Only jobs of this type' })),
  tag: optional(
    Type.String({
      minLength: 1,
      description: 'Only jobs with this tag, given as its name or as `name:value`',
      examples: ['team', 'team:vision'],
    }),
  ),
  q: optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Only jobs that contain each of these words in their name, id, tags (`name:value`), policy or preset; letter ' +
        'case does not matter',
      examples: ['one_cycle mlp'],
    }),
  ),
  sort: defaulted(
    Type.String({
      pattern: sortPattern,
      description:
        `Sort key: ${sortFields.map((field) => `\`${field}\``).join(', ')} or \`metrics.NAME\`, a metric of \`result\`; ` +
        'with a leading `-` in descending order. Jobs without a value come last in either order, jobs with equal ' +
        `values newest first. The order of \`status\`: ${jobStatuses.join(', ')}`,
      examples: ['-metrics.accuracy', 'name'],
    }),
    '-created_at',
  ),
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs per page' }), 20),
  after: optional(Type.String({ minLength: 1, description: 'Id of the last job of the previous page' })),
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
        operationId: 'listJobs',
        summary: 'List jobs',
        description:
          'In pages: the next one starts `after` the last job of this one. In the order of `created_at` a page costs as ' +
          'much as it shows, whatever the `status`, `type` and `tag`. With `q`, or in any other order, a request reads a ' +
          'few fields of every job with these, with `q` until the page is full. A job whose value changes between two requests may be on both pages, or on neither.',
        querystring: ListQuery,
        response: answers({ 200: JobList }, 'invalid_request', 'unavailable'),
      },
    },
    async (request) => ({ object: 'list' as const, ...(await jobs.list(request.query, request.identity.tenant)) }),
  );
}
