import { Type } from 'typebox';
import { Job } from '../../jobs/record.js';
import { sha256 } from '../../request/hash.js';
import { modelNamedBy } from '../../request/model.js';
import { resolveSpec } from '../../request/resolve.js';
import { JobRequest, Name, Tags, TagValue } from '../../request/body.js';
import { nullable, optional, strict } from '../../schema/fields.js';
import { canonical } from '../canonical.js';
import { fitting } from '../fitting.js';
import { readUploads } from '../datasets/uploads.js';
import { answers, bodyErrors, noBody } from '../schemas/answers.js';
import { JobId } from '../schemas/params.js';
import { checkWebhooks } from '../webhooks/check-url.js';
import type { App, Context } from './context.js';

const tags = ['jobs'];

const JobUpdate = strict(
  {
    name: optional(nullable(Name(), { description: 'The new name; null removes it' })),
    tags: optional(Tags(nullable(TagValue()), 'Tags to set, by name; null removes one. The others stay')),
  },
  {
    title: 'JobUpdate',
    description: 'The fields to change; the others stay unchanged',
    examples: [{ name: 'baseline', tags: { team: 'vision', draft: null } }],
  },
);
const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'A second request with the same key and body returns the first job',
    }),
  ),
});

/** Posting, reading, renaming and deleting jobs. */
export function jobRoutes(app: App, { jobs, storage, config }: Context): void {
  app.post(
    '/jobs',
    {
      schema: {
        tags,
        operationId: 'createJob',
        summary: 'Post a job',
        headers: IdempotencyHeaders,
        body: JobRequest,
        response: answers(
          {
            201: {
              description: 'The job was stored and queued; with `Idempotent-Replayed: true`, by an earlier request',
              headers: {
                location: { type: 'string', description: 'URL of the job' },
                'idempotent-replayed': {
                  type: 'string',
                  enum: ['true'],
                  description: 'An earlier request with this key and body created the job',
                },
              },
              content: { 'application/json': { schema: Job } },
            },
          },
          ...bodyErrors,
          'source_not_completed',
          'invalid_spec',
          'idempotency_mismatch',
          'conflict',
          'queue_full',
          'quota_reached',
          'unavailable',
          'storage_unavailable',
        ),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { tenant } = request.identity;
      const key = request.headers['idempotency-key'];
      const source = body.continue_from ? await jobs.source(body.continue_from, tenant) : null;
      const uploads = await readUploads(jobs, storage, body, tenant);
      const named = modelNamedBy(body);
      const stored = named ? await jobs.modelForJob(named.id, tenant) : null;
      const resolved = await fitting(jobs, resolveSpec(body, { source, own: config.callbacks, uploads, stored }), body);
      const idempotency = key === undefined ? undefined : { key, bodyHash: sha256(canonical(body)) };
      // Names are looked up, which may take seconds: for what is right otherwise.
      await checkWebhooks(body.webhooks, config.webhooks);
      const poster = await jobs.access.posterOf(request.identity);
      const { webhooks } = body;
      const { record, created } = await jobs.create(
        { ...resolved, ...(webhooks && { webhooks }), ...(idempotency && { idempotency }) },
        poster,
      );
      if (created)
        request.log.info(
          {
            job: record.id,
            type: record.type,
            policy: record.spec.policy.name,
            ...(record.lr_find && { finder: record.lr_find.job }),
          },
          'job created',
        );
      else void reply.header('idempotent-replayed', 'true');
      void reply.status(201).header('location', `/jobs/${record.id}`);
      return record;
    },
  );

  app.get(
    '/jobs/:id',
    {
      schema: {
        tags,
        operationId: 'getJob',
        summary: 'A job',
        params: JobId,
        response: answers({ 200: Job }, 'job_not_found', 'unavailable'),
      },
    },
    ({ params: { id } }) => jobs.existing(id),
  );

  app.patch(
    '/jobs/:id',
    {
      schema: {
        tags,
        operationId: 'updateJob',
        summary: 'Rename or tag a job',
        description: 'In any state. All changes are applied at once; `spec` keeps what was posted.',
        params: JobId,
        body: JobUpdate,
        response: answers({ 200: Job }, ...bodyErrors, 'job_not_found', 'unavailable'),
      },
    },
    async (request) => {
      const record = await jobs.update(request.params.id, request.body);
      request.log.info({ job: record.id }, 'job renamed or tagged');
      return record;
    },
  );

  app.delete(
    '/jobs/:id',
    {
      schema: {
        tags,
        operationId: 'deleteJob',
        summary: 'Delete a job',
        description:
          'Deletes its log, weights, inline data and checkpoints, and the finder that was made for it. Checkpoints ' +
          'that other jobs continue from stay until the last of those is deleted. A job that runs, or waits for its finder, must ' +
          'be cancelled first. Its Idempotency-Key becomes free again.',
        params: JobId,
        response: answers(
          { 204: noBody('The job was deleted') },
          ...bodyErrors,
          'job_not_found',
          'conflict',
          'unavailable',
        ),
      },
    },
    async (request, reply) => {
      await jobs.remove(request.params.id);
      request.log.info({ job: request.params.id }, 'job deleted');
      return reply.status(204).send();
    },
  );
}
