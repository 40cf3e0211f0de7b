import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { PostedModelRecord } from '../../jobs/model-record.js';
import { optional } from '../../schema/fields.js';
import { bodiesAreFiles, receive, tooLarge } from '../receive.js';
import { answers, bodyErrors, noBody } from '../schemas/answers.js';
import { fileBody, fileSchema } from '../schemas/file-body.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['models'];
const ModelId = Type.Object({ id: Type.String({ description: 'Id of the model', examples: ['mdl_8fK2'] }) });
const ModelList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(PostedModelRecord) },
  { title: 'PostedModelList' },
);
const Query = query({ name: optional(Type.String({ maxLength: 200, description: 'A name, for people' })) });

/** Models that clients bring: the file is the body, and goes to disk as it comes. */
export function postedModelRoutes(app: App, { jobs, config: { maxUploadBytes } }: Context): void {
  void app.register((scope, _options, done) => {
    bodiesAreFiles(scope);
    scope.post<{ Querystring: { name?: string }; Body: Readable | undefined }>(
      '/models',
      {
        config: fileBody({
          'application/octet-stream': fileSchema('The file'),
          'application/zip': fileSchema('The files of a LayersModel'),
        }),
        schema: {
          tags,
          operationId: 'uploadModel',
          summary: 'Post a model',
          description:
            'The body is the file: a zip of a TensorFlow.js LayersModel, safetensors, or a state_dict saved by PyTorch ' +
            '(`.pth`), recognised by its content. Nothing in it is executed. Posting the same file again returns ' +
            '200 and the same model.',
          querystring: Query,
          response: answers(
            { 200: PostedModelRecord, 201: PostedModelRecord },
            'invalid_request',
            'body_too_large',
            'invalid_model',
            'storage_full',
            'disk_full',
            'unavailable',
            'storage_unavailable',
          ),
        },
      },
      async (request, reply) => {
        if (request.headers['content-type']?.startsWith('application/json') || !request.body)
          throw new OnecycleError('invalid_model', 'The body must be the file itself, not JSON.');
        if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) throw tooLarge(maxUploadBytes);
        const place = await jobs.datasets.place();
        try {
          const { folder } = place;
          const file = join(folder, 'file');
          const received = await receive(request.body, file, maxUploadBytes);
          const owner = await jobs.access.ownerOf(request.identity);
          const upload = { ...received, folder, file, name: request.query.name };
          const { model, created } = await jobs.addModel(upload, owner);
          request.log.info({ model: model.id, format: model.format, bytes: model.bytes }, 'model posted');
          return await reply.status(created ? 201 : 200).send(model);
        } finally {
          await place.release();
        }
      },
    );
    done();
  });

  app.get(
    '/models',
    {
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'List models, newest first',
        response: answers({ 200: ModelList }, 'unavailable'),
      },
    },
    async ({ identity }) => ({ object: 'list' as const, data: await jobs.models(identity.tenant) }),
  );

  app.get(
    '/models/:id',
    {
      schema: {
        tags,
        operationId: 'getModel',
        summary: 'A model',
        params: ModelId,
        response: answers({ 200: PostedModelRecord }, 'model_not_found', 'unavailable'),
      },
    },
    ({ params: { id } }) => jobs.model(id),
  );

  app.delete(
    '/models/:id',
    {
      schema: {
        tags,
        operationId: 'deleteModel',
        summary: 'Delete a model',
        description: 'Refused while an unfinished job needs it.',
        params: ModelId,
        response: answers(
          { 204: noBody('The model was deleted') },
          ...bodyErrors,
          'model_not_found',
          'model_in_use',
          'unavailable',
        ),
      },
    },
    async (request, reply) => {
      await jobs.removeModel(request.params.id);
      request.log.info({ model: request.params.id }, 'model deleted');
      return reply.status(204).send();
    },
  );
}
