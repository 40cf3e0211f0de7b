import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { Count, oneOf, optional, Whole } from '../../schema/fields.js';
import { Columns } from '../columns.js';
import { acceptedFormat, curveFormatNames, curveFormats, exportCurves } from '../curves/index.js';
import { readColumns } from '../log-reader.js';
import { narrow, type Part } from '../narrow.js';
import { answers } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const formatTexts = curveFormatNames.map((name) => `\`${name}\`: ${curveFormats[name].description}`);
const Query = query({
  format: optional(
    oneOf(['json', ...curveFormatNames], {
      description: `Left out: as \`Accept\` says, else \`json\`: columns. ${formatTexts.join('. ')}`,
    }),
  ),
  from: optional(Whole('The first iteration; left out: the first that there is')),
  to: optional(Whole('The last iteration, `from` or more; left out: the last that there is')),
  points: optional(
    Count(
      'At most so many iterations, and so many epochs; left out: all. Where there are more, they are cut into ' +
        'buckets of as many iterations each, and of each bucket the iterations stay whose `raw_loss` is lowest, ' +
        'highest (a loss that is not finite is higher than any other) and last; of equal ones the first. Of the ' +
        'epochs likewise by `valid_loss`, or by `train_loss` where no rows validate. 1: the last; 2: the highest too',
    ),
  ),
});

const inEveryFormat = {
  description: 'The curves',
  content: {
    'application/json': { schema: Type.Unsafe<Columns | Readable>(Columns) },
    ...Object.fromEntries(
      curveFormatNames.map((name) => [
        curveFormats[name].type,
        { schema: Type.Unsafe<Readable>(Type.String({ format: 'binary' })) },
      ]),
    ),
  },
};

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
        response: answers({ 200: inEveryFormat }, 'invalid_request', 'job_not_found', 'unavailable'),
      },
    },
    async ({ params: { id }, query, headers: { accept } }, reply) => {
      inOrder(query);
      const job = await jobs.existing(id);
      const columns = narrow(await readColumns(jobs, id, query.from), query);
      const format = query.format ?? acceptedFormat(accept) ?? 'json';
      void reply.header('vary', 'accept');
      if (format === 'json') return reply.send(columns);
      const { type, filename, stream } = await exportCurves(format, job, columns);
      return reply.type(type).header('content-disposition', `attachment; filename="${filename}"`).send(stream);
    },
  );
}

/** @throws OnecycleError `invalid_request` where a range ends before it begins */
function inOrder({ from = 0, to = Infinity }: Part): void {
  if (from <= to) return;
  const detail = `must be ${from} or more, as \`from\` is; ${to} is less`;
  throw new OnecycleError('invalid_request', `/query/to ${detail}`, [{ pointer: '/query/to', detail }]);
}
