/** Uploads in parts, which go on where they broke off: the tus protocol, https://tus.io. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server, type Upload } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CsvOptions } from '../../data/files/reading.js';
import { OnecycleError } from '../../errors.js';
import { Dataset } from '../../request/uploads/record.js';
import { problemsOf } from '../../schema/check.js';
import { takeIn, type Labelled } from '../datasets/intake.js';
import type { Profiler } from '../datasets/profiler.js';
import { measure, tooLarge } from '../datasets/receive.js';
import { problemOf, toOnecycleError } from '../plugins/problems.js';
import { answers, noBody } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const path = '/datasets/uploads';
/** What was not gone on with for so long is removed. */
const expiryMs = 24 * 3600_000;
const cleaningMs = 3600_000;

/** A plugin of its own: bodies are parts of files, and answers are the protocol's. */
export async function resumableUploads(app: App, context: Context, profiler: Profiler): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
  let server: Promise<Server> | undefined;
  const tus = (): Promise<Server> => (server ??= start(app, context, profiler));
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const ready = await tus();
    reply.hijack();
    await ready.handle(request.raw, reply.raw);
  };
  const schema = (summary: string, response: Parameters<typeof answers>[0]) => ({
    tags: ['datasets'],
    summary,
    response: answers(response, 'body_too_large', 'invalid_dataset', 'disk_full', 'unavailable'),
  });
  const description =
    'By the tus protocol, version 1.0.0, as its clients speak it: `Upload-Metadata` may have `filename`, and `delimiter`, ' +
    '`encoding`, `decimal`, `header` of a CSV.';
  app.post(
    path,
    { schema: { ...schema('Begin an upload in parts', { 201: noBody('It is begun, at `Location`') }), description } },
    handle,
  );
  const part = `${path}/:upload`;
  app.head(part, { schema: schema('How much of it has come', { 200: noBody('`Upload-Offset` says it') }) }, handle);
  app.patch(
    part,
    { schema: schema('Send the next part', { 204: noBody('More is to come'), 200: Dataset, 201: Dataset }) },
    handle,
  );
  app.delete(part, { schema: schema('Give an upload up', { 204: noBody('It is removed') }) }, handle);
  app.options(path, { schema: schema('What the server can do', { 204: noBody('As the headers say') }) }, handle);
  return Promise.resolve();
}

/** The protocol's server, with its folder tidied now and then. */
async function start(app: App, { jobs, storage, config }: Context, profiler: Profiler): Promise<Server> {
  const directory = await storage.keptFolder('uploads');
  const datastore = new FileStore({ directory, expirationPeriodInMilliseconds: expiryMs });
  const limit = config.maxDatasetBytes;
  const server = new Server({
    path,
    datastore,
    relativeLocation: true,
    allowedOrigins: () => false,
    maxSize: limit,
    onUploadFinish: (_request, upload) => finish(upload, jobs, profiler, datastore),
    onResponseError: (request, error) => {
      if ('status_code' in error && error.status_code === 413) return answerTo(tooLarge(limit), request.url);
      return 'status_code' in error ? undefined : answerTo(error, request.url);
    },
  });
  const clean = () =>
    void datastore
      .deleteExpired()
      .catch((error: unknown) => app.log.warn({ err: error }, 'uploads could not be tidied'));
  clean();
  const timer = setInterval(clean, cleaningMs).unref();
  closing(app, () => clearInterval(timer));
  return server;
}

const closing = (app: App, done: () => void): void => void app.server.once('close', done);

async function finish(upload: Upload, jobs: Context['jobs'], profiler: Profiler, datastore: FileStore) {
  const place = await jobs.datasets.place();
  try {
    const labelled = labelledBy(upload.metadata ?? {});
    const file = join(place.folder, 'file');
    await rename(upload.storage!.path, file);
    const { record, created } = await takeIn(
      jobs,
      profiler,
      { ...(await measure(file)), file, folder: place.folder },
      labelled,
    );
    return {
      status_code: created ? 201 : 200,
      headers: { 'content-type': 'application/json', location: `/datasets/${record.id}` },
      body: JSON.stringify(record),
    };
  } finally {
    await place.release();
    await datastore.configstore.delete(upload.id);
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

function answerTo(error: Error, url: string): { status_code: number; body: string } {
  const problem = problemOf(toOnecycleError(error), { url: new URL(url).pathname });
  return { status_code: problem.status, body: JSON.stringify(problem) };
}
