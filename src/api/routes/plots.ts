/** What fastai's Recorder plots, drawn as SVG that follows the viewer's theme, and as PNG. */
import etag from '@fastify/etag';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Static, TSchema } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { defaulted, Flag, Whole } from '../../schema/fields.js';
import { isTerminal, type JobRecord } from '../../jobs/record.js';
import { readFinder } from '../finder.js';
import { readColumns } from '../log-reader.js';
import { Keys, keysOf, plotBody, plotFormatNames, plotFormats } from '../plots.js';
import { answers, noBody } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

/** Iterations that a plot has; of more those stay whose loss is lowest, highest or last. A picture shows no more. */
const mostPoints = 10_000;

const SchedQuery = query({ keys: Keys });
const LrFindQuery = query({ skip_end: defaulted(Whole('Points to leave out at the end'), 5) });
const LossQuery = query({
  skip_start: defaulted(Whole('Iterations to leave out at the start'), 5),
  with_valid: defaulted(Flag('Whether the validation loss is drawn too'), true),
  log: defaulted(Flag('Whether both axes are logarithmic'), false),
  show_epochs: defaulted(Flag('Whether the end of each epoch is marked by a line'), false),
});

/** A plot of a job: its address, and how it is drawn. */
interface Plot<Query extends TSchema> {
  name: string;
  operation: string;
  summary: string;
  querystring: Query;
  /** The text of an SVG. */
  draw: (record: JobRecord, query: Static<Query>) => Promise<string>;
}

/** The plots of jobs, each as SVG and as PNG. */
export function plotRoutes(parent: App, { jobs, storage }: Context): void {
  void parent.register(async (scope) => {
    await scope.register(etag);
    const app = scope.withTypeProvider<TypeBoxTypeProvider>();

    plotRoute(app, jobs, {
      name: 'sched',
      operation: 'plotSched',
      summary: "The hyperparameters by iteration: fastai's plot_sched",
      querystring: SchedQuery,
      draw: async (record, { keys }) => {
        const columns = await readColumns({ jobs, storage }, record.id, { points: mostPoints });
        needsMore(record, columns.iteration.length > 0);
        const wanted = keysOf(keys, columns.hypers);
        const { plotSched } = await import('../../plots/index.js');
        return plotSched(columns, wanted);
      },
    });

    plotRoute(app, jobs, {
      name: 'lr-find',
      operation: 'plotLrFind',
      summary: "A finder's curve with its suggestions: fastai's plot_lr_find",
      querystring: LrFindQuery,
      draw: async (record, { skip_end }) => {
        const curve = await readFinder({ jobs, storage }, record);
        needsMore(record, curve.losses.length > skip_end);
        const { plotLrFind } = await import('../../plots/index.js');
        return plotLrFind(curve, { skipEnd: skip_end });
      },
    });

    plotRoute(app, jobs, {
      name: 'loss',
      operation: 'plotLoss',
      summary: "The losses by iteration: fastai's plot_loss",
      querystring: LossQuery,
      draw: async (record, { skip_start, with_valid, log, show_epochs }) => {
        const part = { from: skip_start, points: mostPoints };
        const columns = await readColumns({ jobs, storage }, record.id, part);
        needsMore(record, columns.iteration.length > 0);
        const { plotLoss } = await import('../../plots/index.js');
        return plotLoss(columns, { skipStart: 0, withValid: with_valid, log, showEpochs: show_epochs });
      },
    });
  });
}

/** `GET /jobs/:id/plots/NAME.svg` and `.png`. What has ended changes no more; before, a client asks again each time. */
function plotRoute<Query extends TSchema>(
  app: App,
  jobs: Context['jobs'],
  { name, operation, summary, querystring, draw }: Plot<Query>,
): void {
  for (const format of plotFormatNames) {
    const { content, type, suffix } = plotFormats[format];
    const schema = {
      tags: ['results'],
      operationId: operation + suffix,
      summary: format === 'svg' ? summary : `${summary}, as PNG`,
      params: JobId,
      querystring,
      response: answers(
        {
          200: content,
          304: noBody('The plot has not changed since that ETag'),
        },
        'invalid_request',
        'job_not_found',
        'not_available',
        'busy',
        'unavailable',
      ),
    };
    app.get(`/jobs/:id/plots/${name}.${format}`, { schema }, async (request, reply) => {
      const { params, query } = request as { params: Static<typeof JobId>; query: Static<Query> };
      const record = await jobs.existing(params.id);
      const body = await plotBody(await draw(record, query), format);
      return reply
        .type(type)
        .header('cache-control', isTerminal(record.status) ? 'max-age=86400' : 'no-cache')
        .send(body);
    });
  }
}

/** @throws OnecycleError `not_available` where nothing can be drawn */
function needsMore({ id, status }: JobRecord, enough: boolean): void {
  if (!enough)
    throw new OnecycleError('not_available', `Job ${id} is ${status} and has recorded too few iterations to draw.`);
}
