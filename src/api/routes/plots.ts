/** What fastai's Recorder plots, drawn as SVG: light or dark as the viewer is. */
import etag from '@fastify/etag';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { isTerminal, type JobRecord } from '../../jobs/record.js';
import { findings } from '../../schedule/index.js';
import type { Columns } from '../columns.js';
import { readColumns } from '../log-reader.js';
import { JobId } from '../schemas/job.js';
import { answers } from '../schemas/problem.js';
import { existing, type App, type Context } from './context.js';
import { curveOf, finderPolicy } from './lr-find.js';

const strict = { additionalProperties: false };
const SchedQuery = Type.Object(
  { keys: Type.Optional(Type.String({ description: 'Hyperparameters to draw, as `lr,mom`: all of them' })) },
  strict,
);
const LrFindQuery = Type.Object(
  { skip_end: Type.Optional(Type.Integer({ minimum: 0, default: 5, description: 'Points to leave out at the end' })) },
  strict,
);
const LossQuery = Type.Object(
  {
    skip_start: Type.Optional(
      Type.Integer({ minimum: 0, default: 5, description: 'Iterations to leave out at the start' }),
    ),
    with_valid: Type.Optional(Type.Boolean({ default: true, description: 'The validation loss too' })),
    log: Type.Optional(Type.Boolean({ default: false, description: 'Both axes logarithmic' })),
    show_epochs: Type.Optional(Type.Boolean({ default: false, description: 'A line where an epoch ends' })),
  },
  strict,
);

const schema = <Query>(summary: string, querystring: Query) => ({
  tags: ['results'],
  summary,
  params: JobId,
  querystring,
  response: answers(
    {
      200: { description: 'The plot', content: { 'image/svg+xml': { schema: { type: 'string' } } } },
      304: { type: 'null', description: 'The plot is still the one with that ETag' },
    },
    'invalid_request',
    'job_not_found',
    'not_available',
  ),
});

export function plotRoutes(parent: App, { jobs }: Context): void {
  void parent.register(async (scope) => {
    await scope.register(etag);
    const app = scope.withTypeProvider<TypeBoxTypeProvider>();

    app.get(
      '/jobs/:id/plots/sched.svg',
      { schema: schema("The hyperparameters by iteration: fastai's plot_sched", SchedQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await existing(jobs, id);
        const columns = await readColumns(jobs, id);
        needsMore(record, columns.iteration.length > 0);
        const keys = keysOf(query.keys, columns);
        const { plotSched } = await import('../plots/index.js');
        return answer(reply, record, plotSched(columns, keys));
      },
    );

    app.get(
      '/jobs/:id/plots/lr-find.svg',
      { schema: schema("A finder's curve with its suggestions: fastai's plot_lr_find", LrFindQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await existing(jobs, id);
        const policy = finderPolicy(record);
        const curve = curveOf(await readColumns(jobs, id));
        const { skip_end = 5 } = query;
        needsMore(record, curve.losses.length > skip_end);
        const { marks } = findings(curve, policy);
        const { plotLrFind } = await import('../plots/index.js');
        return answer(reply, record, plotLrFind({ ...curve, marks }, { skipEnd: skip_end }));
      },
    );

    app.get(
      '/jobs/:id/plots/loss.svg',
      { schema: schema("The losses by iteration: fastai's plot_loss", LossQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await existing(jobs, id);
        const columns = await readColumns(jobs, id);
        const { skip_start = 5, with_valid = true, log = false, show_epochs = false } = query;
        needsMore(record, columns.iteration.length > skip_start);
        const { plotLoss } = await import('../plots/index.js');
        return answer(
          reply,
          record,
          plotLoss(columns, { skipStart: skip_start, withValid: with_valid, log, showEpochs: show_epochs }),
        );
      },
    );
  });
}

/** What has ended changes no more; before, a client asks whether its plot is still the one. */
function answer(reply: FastifyReply, { status }: JobRecord, svg: string): FastifyReply {
  return reply
    .type('image/svg+xml; charset=utf-8')
    .header('cache-control', isTerminal(status) ? 'max-age=86400' : 'no-cache')
    .send(svg);
}

/** @throws OnecycleError `not_available` where nothing can be drawn */
function needsMore({ id, status }: JobRecord, enough: boolean): void {
  if (!enough)
    throw new OnecycleError('not_available', `The job ${id} is ${status} and has recorded too few iterations to draw.`);
}

/** @throws OnecycleError `invalid_request` for a hyperparameter that the job has not */
function keysOf(keys: string | undefined, { hypers }: Columns): string[] | undefined {
  if (keys === undefined) return undefined;
  const wanted = keys.split(',');
  const unknown = wanted.find((key) => !Object.hasOwn(hypers, key));
  if (unknown === undefined) return wanted;
  const detail = `must be of ${Object.keys(hypers).join(', ')}, separated by commas; ${JSON.stringify(unknown)} is not`;
  throw new OnecycleError('invalid_request', `/query/keys ${detail}`, [{ pointer: '/query/keys', detail }]);
}
