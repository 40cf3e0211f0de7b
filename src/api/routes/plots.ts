/** What fastai's Recorder plots, drawn as SVG that follows the viewer's theme, light or dark. */
import etag from '@fastify/etag';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { defaulted, Flag, optional, Whole } from '../../schema/fields.js';
import { isTerminal, type JobRecord } from '../../jobs/record.js';
import type { Columns } from '../columns.js';
import { readFinder } from '../finder.js';
import { readColumns } from '../log-reader.js';
import { answers, content, noBody } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const SchedQuery = query({
  keys: optional(
    Type.String({ description: 'Hyperparameters to draw, separated by commas; left out: all', examples: ['lr,mom'] }),
  ),
});
const LrFindQuery = query({ skip_end: defaulted(Whole('Points to leave out at the end'), 5) });
const LossQuery = query({
  skip_start: defaulted(Whole('Iterations to leave out at the start'), 5),
  with_valid: defaulted(Flag('Whether the validation loss is drawn too'), true),
  log: defaulted(Flag('Whether both axes are logarithmic'), false),
  show_epochs: defaulted(Flag('Whether the end of each epoch is marked by a line'), false),
});

const schema = <Query extends TSchema>(summary: string, querystring: Query) => ({
  tags: ['results'],
  summary,
  params: JobId,
  querystring,
  response: answers(
    {
      200: content<string>('image/svg+xml', 'The plot'),
      304: noBody('The plot has not changed since that ETag'),
    },
    'invalid_request',
    'job_not_found',
    'not_available',
    'unavailable',
  ),
});

/** The plots of jobs. */
export function plotRoutes(parent: App, { jobs }: Context): void {
  void parent.register(async (scope) => {
    await scope.register(etag);
    const app = scope.withTypeProvider<TypeBoxTypeProvider>();

    app.get(
      '/jobs/:id/plots/sched.svg',
      { schema: schema("The hyperparameters by iteration: fastai's plot_sched", SchedQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await jobs.existing(id);
        const columns = await readColumns(jobs, id);
        needsMore(record, columns.iteration.length > 0);
        const keys = keysOf(query.keys, columns);
        const { plotSched } = await import('../../plots/index.js');
        return answer(reply, record, plotSched(columns, keys));
      },
    );

    app.get(
      '/jobs/:id/plots/lr-find.svg',
      { schema: schema("A finder's curve with its suggestions: fastai's plot_lr_find", LrFindQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await jobs.existing(id);
        const curve = await readFinder(jobs, record);
        needsMore(record, curve.losses.length > query.skip_end);
        const { plotLrFind } = await import('../../plots/index.js');
        return answer(reply, record, plotLrFind(curve, { skipEnd: query.skip_end }));
      },
    );

    app.get(
      '/jobs/:id/plots/loss.svg',
      { schema: schema("The losses by iteration: fastai's plot_loss", LossQuery) },
      async ({ params: { id }, query }, reply) => {
        const record = await jobs.existing(id);
        const columns = await readColumns(jobs, id);
        const { skip_start, with_valid, log, show_epochs } = query;
        needsMore(record, columns.iteration.length > skip_start);
        const { plotLoss } = await import('../../plots/index.js');
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
    throw new OnecycleError('not_available', `Job ${id} is ${status} and has recorded too few iterations to draw.`);
}

/** @throws OnecycleError `invalid_request` for a hyperparameter that the job has not */
function keysOf(keys: string | undefined, { hypers }: Columns): string[] | undefined {
  if (keys === undefined) return undefined;
  const wanted = keys.split(',');
  const unknown = wanted.find((key) => !Object.hasOwn(hypers, key));
  if (unknown === undefined) return wanted;
  const detail = `must be a list of ${Object.keys(hypers).join(', ')}, separated by commas; ${JSON.stringify(unknown)} is none of them`;
  throw new OnecycleError('invalid_request', `/query/keys ${detail}`, [{ pointer: '/query/keys', detail }]);
}
