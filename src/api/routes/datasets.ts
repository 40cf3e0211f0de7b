import { join } from 'node:path';
import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { CsvOptions } from '../../data/files/reading.js';
import { OnecycleError } from '../../errors.js';
import { artifacts } from '../../jobs/artifacts.js';
import { Dataset } from '../../request/uploads/record.js';
import { defaulted, optional, Whole } from '../../schema/fields.js';
import { takeIn } from '../datasets/intake.js';
import { Profiler } from '../datasets/profiler.js';
import { bodiesAreFiles, receive, tooLarge } from '../receive.js';
import { answers, bodyErrors, content, noBody } from '../schemas/answers.js';
import { fileBody, fileSchema } from '../schemas/file-body.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';
import { resumableUploads } from './dataset-uploads.js';

const tags = ['datasets'];

const DatasetId = Type.Object({
  id: Type.String({ description: 'Id of the data set', examples: ['ds_8c1f0a3b5d7e9f01a2b4'] }),
});
const ThumbnailId = Type.Object({
  ...DatasetId.properties,
  n: Whole('Index of the picture in the preview, from 0', { examples: [0] }),
});
const uploadBody = fileBody({
  'application/octet-stream': fileSchema('The file', ['length,width,flower\n5.1,3.5,rose\n4.9,3.0,tulip\n']),
  'multipart/form-data': {
    type: 'object',
    properties: { file: fileSchema('The file') },
    required: ['file'],
  },
});
const UploadQuery = query({
  name: optional(Type.String({ minLength: 1, maxLength: 200, description: 'A name for it' })),
  ...CsvOptions.properties,
});
const ListQuery = query({
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Data sets per page' }), 20),
  after: optional(Type.String({ minLength: 1, description: 'Id of the last data set of the previous page' })),
});
const DatasetList = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Array(Dataset),
    has_more: Type.Boolean({ description: 'Whether another page follows' }),
  },
  { title: 'UploadedDataList' },
);
const uploadErrors = [
  'invalid_request',
  'body_too_large',
  'invalid_dataset',
  'storage_full',
  'disk_full',
  'storage_unavailable',
  'unavailable',
] as const;

/** Uploading, listing, reading and deleting data sets. */
export async function datasetRoutes(app: App, context: Context): Promise<void> {
  const profiler = new Profiler();
  app.addHook('onClose', (_app, done) => {
    profiler.close();
    done();
  });
  await app.register(async (uploads: App) => uploadRoute(uploads, context, profiler));
  await app.register(async (uploads: App) => resumableUploads(uploads, context, profiler));
  readingRoutes(app, context);
}

/** A plugin of its own: here a body is a file, whatever its type. */
async function uploadRoute(app: App, { jobs, config: { maxUploadBytes } }: Context, profiler: Profiler): Promise<void> {
  bodiesAreFiles(app);
  await app.register(multipart, { limits: { files: 1, fileSize: Infinity }, throwFileSizeLimit: false });
  app.post(
    '/datasets',
    {
      config: uploadBody,
      schema: {
        tags,
        operationId: 'uploadDataset',
        summary: 'Upload a data set',
        description:
          'The file as the body, or as the field `file` of a form. Its format is detected from its content: CSV, JSON Lines, ' +
          'Parquet, Arrow, `.npy`, `.npz` with x and y, zip or tar(.gz) of pictures. The same bytes uploaded again are the same ' +
          'data set. `delimiter`, `encoding`, `decimal` and `header` override how a CSV is read; given ' +
          'for a file that is already stored, it is read again.',
        querystring: UploadQuery,
        response: answers({ 200: Dataset, 201: Dataset }, ...uploadErrors),
      },
    },
    async (request, reply) => {
      if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes + formOverhead)
        throw tooLarge(maxUploadBytes);
      const { name, ...csv } = request.query;
      const place = await jobs.datasets.place();
      try {
        const { stream, filename } = await fileOf(request);
        const file = join(place.folder, 'file');
        const received = await receive(stream, file, maxUploadBytes);
        const labelled = { name: name ?? filename, csv };
        const owner = await jobs.access.ownerOf(request.identity);
        const found = { ...received, file, folder: place.folder };
        const { record, created } = await takeIn(jobs, profiler, found, labelled, owner);
        if (created)
          request.log.info({ dataset: record.id, kind: record.kind, rows: record.rows }, 'data set uploaded');
        void reply.status(created ? 201 : 200).header('location', `/datasets/${record.id}`);
        return record;
      } catch (error) {
        // Who still sends need not send the rest.
        if (!request.raw.complete) void reply.header('connection', 'close');
        throw error;
      } finally {
        await place.release();
      }
    },
  );
}

/** What a form takes beside its file, at most. */
const formOverhead = 64 * 1024;

/** The body, or the file of a form. @throws OnecycleError `invalid_request`, `invalid_dataset` where there is none */
async function fileOf(request: FastifyRequest): Promise<{ stream: Readable; filename: string | null }> {
  if (request.isMultipart()) {
    const part = await request.file().catch((error: unknown) => {
      throw missing(`The form cannot be read: ${error instanceof Error ? error.message : String(error)}.`, error);
    });
    if (part?.fieldname !== 'file') throw missing('The form has no field `file` with a file.');
    return { stream: part.file, filename: part.filename || null };
  }
  if (!(request.body instanceof Readable)) throw empty();
  return { stream: request.body, filename: null };
}

const empty = (): OnecycleError => {
  const detail = 'The file is empty: send it as the body of the request, or as the field `file` of a form';
  return new OnecycleError('invalid_dataset', detail, [{ pointer: '', detail }]);
};
const missing = (detail: string, cause?: unknown): OnecycleError =>
  new OnecycleError('invalid_request', detail, [{ pointer: '', detail: 'must be the file' }], { cause });

function readingRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/datasets',
    {
      schema: {
        tags,
        operationId: 'listDatasets',
        summary: 'List data sets, newest first',
        querystring: ListQuery,
        response: answers({ 200: DatasetList }, 'invalid_request', 'unavailable'),
      },
    },
    async ({ query, identity }) => ({
      object: 'list' as const,
      ...(await jobs.datasets.list(query, identity.tenant)),
    }),
  );

  app.get(
    '/datasets/:id',
    {
      schema: {
        tags,
        operationId: 'getDataset',
        summary: 'Get a data set: its columns or classes, and its first rows',
        params: DatasetId,
        response: answers({ 200: Dataset }, 'dataset_not_found', 'unavailable'),
      },
    },
    ({ params: { id }, identity }) => jobs.datasets.existing(id, identity.tenant),
  );

  app.get(
    '/datasets/:id/thumbnails/:n',
    {
      schema: {
        tags,
        operationId: 'getDatasetThumbnail',
        summary: 'A thumbnail of a picture in the preview',
        params: ThumbnailId,
        response: answers(
          { 200: content<Readable>('image/webp', 'At most 128 × 128 pixels', Type.String({ format: 'binary' })) },
          'invalid_request',
          'dataset_not_found',
          'not_available',
          'unavailable',
        ),
      },
    },
    async ({ params: { id, n }, identity }, reply) => {
      const { sha256, preview, kind } = await jobs.datasets.existing(id, identity.tenant);
      if (kind !== 'images' || n >= preview.length)
        throw new OnecycleError('not_available', `The data set ${id} has no thumbnail ${n}.`);
      const picture = await storage.stream(artifacts.thumbnail(sha256, n));
      // The same content has the same id for ever.
      return reply
        .type('image/webp')
        .header('content-length', picture.size)
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(picture);
    },
  );

  app.delete(
    '/datasets/:id',
    {
      schema: {
        tags,
        operationId: 'deleteDataset',
        summary: 'Delete a data set',
        description:
          'Deletes its file too. Refused while an unfinished job needs it. Models that were trained on it stay.',
        params: DatasetId,
        response: answers(
          { 204: noBody('The data set was deleted') },
          ...bodyErrors,
          'dataset_not_found',
          'dataset_in_use',
          'unavailable',
        ),
      },
    },
    async (request, reply) => {
      await jobs.datasets.remove(request.params.id, request.identity.tenant);
      request.log.info({ dataset: request.params.id }, 'data set deleted');
      return reply.status(204).send();
    },
  );
}
