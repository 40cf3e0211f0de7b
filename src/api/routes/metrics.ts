import { Type } from 'typebox';
import { narrow } from '../columns.js';
import { readColumns } from '../log-reader.js';
import { Hypers } from '../schemas/frames.js';
import { JobId, MaybeNumber } from '../schemas/job.js';
import { answers } from '../schemas/problem.js';
import { existing, type App, type Context } from './context.js';

const Query = Type.Object(
  {
    from: Type.Optional(Type.Integer({ minimum: 0, description: 'The first iteration' })),
    points: Type.Optional(
      Type.Integer({
        minimum: 2,
        description: 'At most so many iterations, evenly spread, the first and the last among them',
      }),
    ),
  },
  { additionalProperties: false },
);
const Integers = Type.Array(Type.Integer());
const Numbers = Type.Array(MaybeNumber);
const Metrics = Type.Object(
  {
    iteration: Integers,
    epoch: Integers,
    phase: Integers,
    raw_loss: Numbers,
    loss: Type.Array(MaybeNumber, { description: "fastai's smoothed loss" }),
    hypers: Hypers,
    epochs: Type.Array(
      Type.Object({
        epoch: Type.Integer(),
        phase: Type.Integer(),
        train_loss: MaybeNumber,
        valid_loss: MaybeNumber,
        metrics: Type.Record(Type.String(), MaybeNumber),
        seconds: Type.Number(),
      }),
    ),
  },
  { title: 'Metrics', description: 'Columns, one value an iteration; what is no finite number is null' },
);

export function metricsRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/jobs/:id/metrics',
    {
      schema: {
        tags: ['results'],
        summary: "A job's losses and hyperparameters",
        params: JobId,
        querystring: Query,
        response: answers({ 200: Metrics }, 'invalid_request', 'job_not_found'),
      },
    },
    async ({ params: { id }, query }) => {
      await existing(jobs, id);
      return narrow(await readColumns(jobs, id), query);
    },
  );
}
