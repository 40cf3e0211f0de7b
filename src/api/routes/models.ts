import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { PostedModelRecord } from '../../jobs/model-record.js';
import { workFolders } from '../../jobs/work-folders.js';
import { optional } from '../../schema/fields.js';
import { answers, bodyErrors, noBody } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['models'];
const ModelId = Type.Object({ id: Type.String({ description: 'Id of the model', examples: ['mdl_8fK2'] }) });
const ModelList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(PostedModelRecord) },
  { title: 'PostedModelList' },
);
const Query = query({ name: optional(Type.String({ maxLength: 200, description: 'A name of your own' })) });

/** Models that clients bring: the file is the body, and goes to disk as it comes. */
export function postedModelRoutes(app: App, { jobs, storage, config }: Context): void {
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.post<{ Querystring: { name?: string }; Body: Readable | undefined }>(
      '/models',
      {
        bodyLimit: config.maxUploadBytes,
        schema: {
          tags,
          summary: 'Post a model',
          description:
            'The body is the file: a zip of a TensorFlow.js LayersModel, safetensors, or a state_dict that PyTorch ' +
            'saved (`.pth`), recognised by its content. Nothing in it is executed. The same file again is answered ' +
            'with 200 and the same model.',
          querystring: Query,
          consumes: ['application/octet-stream', 'application/zip'],
          response: answers(
            { 200: PostedModelRecord, 201: PostedModelRecord },
            ...bodyErrors,
            'invalid_model',
            'disk_full',
            'unavailable',
          ),
        },
      },
      async (request, reply) => {
        if (request.headers['content-type']?.startsWith('application/json') || !request.body)
          throw new OnecycleError('invalid_model', 'The body must be the file itself, not JSON.');
        const name = workFolders.model();
        const folder = await storage.workFolder(name);
        try {
          const file = join(folder, 'upload');
          const bytes = await written(request.body, file, config.maxUploadBytes);
          const { model, created } = await jobs.addModel({ folder, file, bytes, name: request.query.name });
          request.log.info({ model: model.id, format: model.format, bytes }, 'model posted');
          return await reply.status(created ? 201 : 200).send(model);
        } finally {
          await storage.removeWorkFolder(name);
        }
      },
    );
    done();
  });

  app.get(
    '/models',
    { schema: { tags, summary: 'List models, newest first', response: answers({ 200: ModelList }, 'unavailable') } },
    async () => ({ object: 'list' as const, data: await jobs.models() }),
  );

  app.get(
    '/models/:id',
    {
      schema: {
        tags,
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
        summary: 'Delete a model',
        description: 'Not while a job needs it that has not ended.',
        params: ModelId,
        response: answers(
          { 204: noBody('The model is deleted') },
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

/** Writes a body to a file. Returns its length. @throws OnecycleError `body_too_large`, as it becomes so */
async function written(body: Readable, file: string, most: number): Promise<number> {
  let bytes = 0;
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      if (bytes > most) done(new OnecycleError('body_too_large', `A model may have ${most} bytes.`));
      else done(null, part);
    },
  });
  await pipeline(body, counted, createWriteStream(file));
  return bytes;
}
