/** Uploads in parts, which go on where they broke off: the tus protocol, https://tus.io. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server, Upload } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { CsvOptions } from '../../data/files/reading.js';
import { OnecycleError } from '../../errors.js';
import { Dataset } from '../../request/uploads/record.js';
import { problemsOf } from '../../schema/check.js';
import type { Identity } from '../../jobs/index.js';
import { takeIn, type Labelled } from '../datasets/intake.js';
import { newUploadId } from '../datasets/upload-id.js';
import type { Profiler } from '../datasets/profiler.js';
import { bodiesAreFiles, measure, tooLarge } from '../receive.js';
import { problemOf, toOnecycleError } from '../plugins/problems.js';
import { answers, noBody } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const path = '/datasets/uploads';
const UploadId = Type.Object({
  upload: Type.String({ description: 'From the `Location` of a new upload', examples: ['4f2d9a0c71e8b356'] }),
});
/** What was not gone on with for so long is removed. */
const expiryMs = 24 * 3600_000;
const cleaningMs = 3600_000;

/** Who sends what the protocol's server handles. */
const asking = new AsyncLocalStorage<Identity>();

/** A plugin of its own: bodies are parts of files, and answers are the protocol's. */
export async function resumableUploads(app: App, context: Context, profiler: Profiler): Promise<void> {
  bodiesAreFiles(app);
  let server: Promise<Server> | undefined;
  const tus = (): Promise<Server> => (server ??= start(app, context, profiler));
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { maxUploadBytes } = context.config;
    if (Number(request.headers['upload-length'] ?? 0) > maxUploadBytes) throw tooLarge(maxUploadBytes);
    const ready = await tus();
    reply.hijack();
    await asking.run(request.identity, () => ready.handle(request.raw, reply.raw));
  };
  const schema = (operationId: string, summary: string, response: Parameters<typeof answers>[0]) => ({
    tags: ['datasets'],
    operationId,
    summary,
    response: answers(
      response,
      'dataset_not_found',
      'body_too_large',
      'invalid_dataset',
      'storage_full',
      'disk_full',
      'storage_unavailable',
      'unavailable',
    ),
  });
  const description =
    'With the tus protocol, version 1.0.0: `Upload-Metadata` may have `filename`, and `delimiter`, ' +
    '`encoding`, `decimal` and `header` for a CSV.';
  app.post(
    path,
    {
      schema: {
        ...schema('createUpload', 'Start a resumable upload', {
          201: noBody('The upload was created; its URL is in `Location`'),
        }),
        description,
      },
    },
    handle,
  );
  const part = `${path}/:upload`;
  app.head(
    part,
    {
      schema: {
        ...schema('getUploadOffset', 'How much of an upload has arrived', {
          200: noBody('`Upload-Offset` has the number of bytes'),
        }),
        params: UploadId,
      },
    },
    handle,
  );
  app.patch(
    part,
    {
      schema: {
        ...schema('sendUploadPart', 'Send the next part of an upload', {
          204: noBody('The part was stored; the upload is not complete yet'),
          200: Dataset,
          201: Dataset,
        }),
        params: UploadId,
      },
    },
    handle,
  );
  app.delete(
    part,
    {
      schema: {
        ...schema('cancelUpload', 'Cancel an upload', { 204: noBody('The upload was removed') }),
        params: UploadId,
      },
    },
    handle,
  );
  app.options(
    path,
    {
      schema: schema('getUploadOptions', 'Which tus features the server supports', {
        204: noBody('The features are in the headers'),
      }),
    },
    handle,
  );
  return Promise.resolve();
}

/** The protocol's server, with its folder tidied now and then. */
async function start(app: App, { jobs, storage, config }: Context, profiler: Profiler): Promise<Server> {
  const [{ FileStore }, { EVENTS, Server }] = await Promise.all([import('@tus/file-store'), import('@tus/server')]);
  const directory = await storage.keptFolder('uploads');
  const datastore = new FileStore({ directory, expirationPeriodInMilliseconds: expiryMs });
  const limit = config.maxUploadBytes;
  const server = new Server({
    path,
    datastore,
    relativeLocation: true,
    namingFunction: () => newUploadId(asker().tenant),
    allowedOrigins: () => false,
    maxSize: limit,
    // What is thrown there is answered as plain text.
    onUploadFinish: (request, upload) =>
      finish(upload, jobs, profiler).catch((error: unknown) => refusal(error, request.url)),
    onResponseError: (request, error) =>
      'status_code' in error && error.status_code !== 413
        ? undefined
        : refusal('status_code' in error ? tooLarge(limit) : error, request.url),
  });
  server.on(EVENTS.POST_FINISH, (_request, _response, { id }) => void datastore.remove(id).catch(() => undefined));
  const clean = () =>
    void datastore
      .deleteExpired()
      .catch((error: unknown) => app.log.warn({ err: error }, 'old uploads could not be removed'));
  clean();
  const timer = setInterval(clean, cleaningMs).unref();
  closing(app, () => clearInterval(timer));
  return server;
}

const closing = (app: App, done: () => void): void => void app.server.once('close', done);

function asker(): Identity {
  const identity = asking.getStore();
  if (!identity) throw new Error('Nobody has asked for this.');
  return identity;
}

async function finish(upload: Upload, jobs: Context['jobs'], profiler: Profiler) {
  const place = await jobs.datasets.place();
  try {
    const labelled = labelledBy(upload.metadata ?? {});
    const file = join(place.folder, 'file');
    // The protocol's server still looks at it. Where a disk has no links, the file is copied.
    const { path: whole } = upload.storage!;
    await link(whole, file).catch(() => copyFile(whole, file));
    const { record, created } = await takeIn(
      jobs,
      profiler,
      { ...(await measure(file)), file, folder: place.folder },
      labelled,
      await jobs.access.ownerOf(asker()),
    );
    return {
      status_code: created ? 201 : 200,
      headers: { 'content-type': 'application/json', location: `/datasets/${record.id}` },
      body: JSON.stringify(record),
    };
  } finally {
    await place.release();
  }
}

/** Metadata are texts. @throws OnecycleError `invalid_request` */
function labelledBy({ filename, header, ...rest }: Record<string, string | null>): Labelled {
  const known = Object.fromEntries(
    Object.keys(CsvOptions.properties).flatMap((name) => (rest[name] == null ? [] : [[name, rest[name]]])),
  );
  const csv: unknown = { ...known, ...(header != null && { header: header === 'true' }) };
  const problems = problemsOf(CsvOptions, csv, '/headers/upload-metadata');
  if (problems.length > 0) throw new OnecycleError('invalid_request', problems[0].detail, problems);
  return { name: filename ?? null, csv: csv as CsvOptions };
}

function refusal(error: unknown, url: string): { status_code: number; headers: Record<string, string>; body: string } {
  const known = toOnecycleError(error instanceof Error ? error : new Error(String(error)));
  const problem = problemOf(known, { url: new URL(url).pathname });
  return {
    status_code: problem.status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}
