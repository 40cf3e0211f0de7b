import type { FastifyInstance } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static, type TSchema } from 'typebox';
import { DatasetSchema } from '../../data/sources/index.js';
import { OnecycleError } from '../../errors.js';
import { resolveEvaluation } from '../../request/evaluation.js';
import { AnyList, MaybeNumber, Nested, nullable, optional, strict, Whole } from '../../schema/fields.js';
import { readUploads } from '../datasets/uploads.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import { JobId, query, WhichCheckpoint } from '../schemas/params.js';
import type { Context } from './context.js';

const tags = ['predictions'];

/** Files that a processing may read. */
const fileTypes = [
  'application/octet-stream',
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/tiff',
  'text/csv',
  'text/tab-separated-values',
] as const;

const Rows = Type.Union(
  [
    strict({
      rows: AnyList('Rows of a table: each an object with values by column name', {
        type: 'object',
        additionalProperties: true,
      }),
    }),
    strict({ x: AnyList('Rows of numbers: nested lists, as in `x` of an inline data set', Nested) }),
  ],
  {
    title: 'PredictRequest',
    examples: [{ x: [[5.1, 3.5, 1.4, 0.2]] }],
    description: 'Unprocessed rows: they go through the processing that was fitted for the job',
  },
);
/** The parser gives a Buffer: nothing is left to check. */
const Bytes = Type.Unsafe<Buffer>({ description: 'A picture, or a CSV file' });

const Predictions = Type.Object(
  {
    object: Type.Literal('list'),
    classes: nullable(Type.Array(Type.String()), {
      description: 'The classes, in the order of `probabilities`; null where values are predicted',
    }),
    targets: optional(Type.Array(Type.String(), { description: 'Names of the predicted values, if they have names' })),
    data: Type.Array(
      Type.Union([
        Type.Object(
          {
            class: Type.String({ description: 'The most probable class' }),
            probabilities: Type.Array(Type.Number(), { description: 'One per class; they add up to 1' }),
          },
          { title: 'PredictedClass' },
        ),
        Type.Object(
          { values: Type.Array(Type.Number(), { description: 'One per predicted value' }) },
          { title: 'PredictedValues' },
        ),
      ]),
      { description: 'One per row, in the same order' },
    ),
  },
  { title: 'Predictions' },
);

const EvaluateRequest = strict(
  { dataset: DatasetSchema },
  {
    title: 'EvaluateRequest',
    examples: [{ dataset: { builtin: 'iris' } }],
  },
);
const Evaluation = Type.Object(
  {
    object: Type.Literal('evaluation'),
    loss: MaybeNumber('The mean over all rows of the loss that the job was trained with; null where it is not finite'),
    metrics: Type.Record(Type.String(), nullable(Type.Number()), {
      description: 'The metrics of the job, over all rows',
    }),
    confusion_matrix: optional(
      Type.Array(Type.Array(Whole('Number of rows')), {
        description: 'By true class, then by predicted class; present if the job has that metric',
      }),
    ),
    rows: Whole('Number of rows'),
  },
  { title: 'Evaluation' },
);

const noRows = (): OnecycleError => {
  const detail = 'must be rows as JSON, or a file, with its content-type';
  return new OnecycleError('invalid_request', `The body ${detail}.`, [{ pointer: '', detail }]);
};

/** A predictor has written the JSON already. */
const asText = (schema: TSchema) => Type.Unsafe<string>(schema);

const Query = query({ checkpoint: WhichCheckpoint });
const failures = [
  ...bodyErrors,
  'job_not_found',
  'checkpoint_not_found',
  'not_available',
  'unavailable',
  'storage_unavailable',
  'unsupported_by_engine',
] as const;

/** What trained models say of other rows. A plugin: its bodies may be files. */
export function predictRoutes(instance: FastifyInstance, { jobs, storage, config }: Context, done: () => void): void {
  instance.addContentTypeParser<Buffer>(
    [...fileTypes],
    { parseAs: 'buffer', bodyLimit: config.maxBodyBytes },
    (_request, body, parsed) => parsed(null, body),
  );
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/jobs/:id/predict',
    {
      schema: {
        tags,
        operationId: 'predict',
        summary: 'Predict',
        description:
          'Uses the final parameters or those of another checkpoint, which also works while the job runs. Rows go through the ' +
          'processing that was fitted when the job began.',
        params: JobId,
        querystring: Query,
        body: {
          content: {
            'application/json': { schema: Rows },
            ...Object.fromEntries(fileTypes.map((type) => [type, { schema: Bytes }])),
          },
        },
        response: answers({ 200: asText(Predictions) }, ...failures, 'invalid_rows'),
      },
    },
    async ({ params: { id }, query: { checkpoint: which }, body }, reply) => {
      // Without a type nothing is checked.
      if (body === undefined) throw noRows();
      const { id: checkpoint } = await jobs.checkpoint(id, which);
      const given = body as Buffer | Static<typeof Rows>; // of the two, the parser decides
      const isFile = Buffer.isBuffer(given);
      const bytes = isFile ? given : Buffer.from(JSON.stringify(given));
      const kind = isFile ? 'file' : 'json';
      const json = await jobs.predict(bytes, (input) => ({
        type: 'predict',
        job: id,
        checkpoint,
        input: input!,
        kind,
      }));
      return reply.type('application/json').send(json);
    },
  );

  app.post(
    '/jobs/:id/evaluate',
    {
      schema: {
        tags,
        operationId: 'evaluate',
        summary: 'Evaluate on another data set',
        description: 'All of its rows are used, whatever the split of the job.',
        params: JobId,
        querystring: Query,
        body: EvaluateRequest,
        response: answers({ 200: asText(Evaluation) }, ...failures, 'invalid_spec', 'invalid_dataset'),
      },
    },
    async ({ params: { id }, query: { checkpoint: which }, body, identity }, reply) => {
      const { spec } = await jobs.existing(id);
      const { id: checkpoint } = await jobs.checkpoint(id, which);
      const { dataset, rows } = resolveEvaluation(
        body.dataset,
        spec,
        await readUploads(jobs, storage, body, identity.tenant),
      );
      const json = await jobs.predict(rows ?? null, (carried) => ({
        type: 'evaluate',
        job: id,
        checkpoint,
        dataset,
        ...(carried && { rows: carried }),
        metrics: spec.metrics,
      }));
      return reply.type('application/json').send(json);
    },
  );
  done();
}
