import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { Count, oneOf, optional, Whole } from '../../schema/fields.js';
import { Columns } from '../columns.js';
import { acceptedFormat, curveFormatNames, curveFormats, exportCurves } from '../curves/index.js';
import { json } from '../curves/json.js';
import type { Part } from '../history/curves.js';
import { openCurves } from '../log-reader.js';
import { answers } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

/** Iterations that are answered in one piece, with a length. */
const smallRows = 4096;

const formatTexts = curveFormatNames.map((name) => `\`${name}\`: ${curveFormats[name].description}`);
const Query = query({
  format: optional(
    oneOf(['json', ...curveFormatNames], {
      description: `Left out: the format named by \`Accept\`, else \`json\`, which is columns. ${formatTexts.join('. ')}`,
    }),
  ),
  from: optional(Whole('The first iteration to return; left out: the first one recorded')),
  to: optional(Whole('The last iteration to return, at least `from`; left out: the last one recorded')),
  points: optional(
    Count(
      'The most iterations, and the most epochs, to return; left out: all. If there are more, they are divided into ' +
        'buckets of equal length, and each bucket keeps the iterations whose `raw_loss` is lowest, ' +
        'highest (a loss that is not finite counts as the highest) and last; of equal ones the first. ' +
        'Epochs are thinned likewise by `valid_loss`, or by `train_loss` without validation rows. 1: the last; 2: the highest too',
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
export function metricsRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/metrics',
    {
      schema: {
        tags: ['results'],
        operationId: 'getMetrics',
        summary: "A job's losses and hyperparameters",
        params: JobId,
        querystring: Query,
        response: answers(
          { 200: inEveryFormat },
          'invalid_request',
          'job_not_found',
          'busy',
          'storage_unavailable',
          'unavailable',
          'disk_full',
        ),
      },
    },
    async ({ params: { id }, query, headers: { accept } }, reply) => {
      inOrder(query);
      const job = await jobs.existing(id);
      const curves = await openCurves({ jobs, storage }, id, query, reply);
      const format = query.format ?? acceptedFormat(accept) ?? 'json';
      void reply.header('vary', 'accept');
      if (format === 'json')
        return curves.length <= smallRows
          ? reply.send(await curves.columns())
          : reply.type('application/json; charset=utf-8').send(Readable.from(json(curves), { objectMode: false }));
      const { type, filename, stream } = await exportCurves(format, job, curves);
      return reply.type(type).header('content-disposition', `attachment; filename="${filename}"`).send(stream);
    },
  );
}

/** @throws OnecycleError `invalid_request` where a range ends before it begins */
function inOrder({ from = 0, to = Infinity }: Part): void {
  if (from <= to) return;
  const detail = `must be at least \`from\`, which is ${from}; ${to} is less`;
  throw new OnecycleError('invalid_request', `/query/to ${detail}`, [{ pointer: '/query/to', detail }]);
}
