import { Type } from 'typebox';
import { jobStatuses } from '../../jobs/record.js';
import { sha256 } from '../../request/hash.js';
import { resolveSpec } from '../../request/resolve.js';
import { JobRequest } from '../../request/body.js';
import { canonical } from '../canonical.js';
import { Job, JobId } from '../schemas/job.js';
import { answers } from '../schemas/problem.js';
import { existing, type App, type Context } from './context.js';

const tags = ['jobs'];
const strict = { additionalProperties: false };

const ListQuery = Type.Object(
  {
    status: Type.Optional(Type.Unsafe<(typeof jobStatuses)[number]>({ type: 'string', enum: [...jobStatuses] })),
    type: Type.Optional(Type.Unsafe<'fit' | 'lr_find'>({ type: 'string', enum: ['fit', 'lr_find'] })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 20 })),
    after: Type.Optional(Type.String({ description: 'The last job of the page before' })),
  },
  strict,
);
const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'The same key and body again answers the first job' }),
  ),
});

export function jobRoutes(app: App, { jobs, config }: Context): void {
  app.post(
    '/jobs',
    {
      schema: {
        tags,
        summary: 'Post a job',
        headers: IdempotencyHeaders,
        body: JobRequest,
        response: answers(
          {
            201: {
              description: 'The job was stored and queued. With `Idempotent-Replayed: true`, it had been before',
              headers: {
                location: { type: 'string', description: 'Address of the job' },
                'idempotent-replayed': {
                  type: 'string',
                  enum: ['true'],
                  description: 'This key had been used for the same body',
                },
              },
              content: { 'application/json': { schema: Job } },
            },
          },
          'invalid_json',
          'invalid_request',
          'source_not_completed',
          'body_too_large',
          'unsupported_media_type',
          'invalid_spec',
          'idempotency_mismatch',
          'unavailable',
        ),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const key = request.headers['idempotency-key'];
      const source = body.continue_from ? await jobs.get(body.continue_from.job) : null;
      const resolved = resolveSpec(body, source, config.callbacks);
      const { record, created } = await jobs.create({
        ...resolved,
        ...(key !== undefined && { idempotency: { key, bodyHash: sha256(canonical(body)) } }),
      });
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
      else reply.header('idempotent-replayed', 'true');
      return reply.status(201).header('location', `/jobs/${record.id}`).send(record);
    },
  );

  app.get(
    '/jobs',
    {
      schema: {
        tags,
        summary: 'List jobs, newest first',
        querystring: ListQuery,
        response: answers(
          {
            200: Type.Object(
              { object: Type.Literal('list'), data: Type.Array(Job), has_more: Type.Boolean() },
              { title: 'JobList' },
            ),
          },
          'invalid_request',
          'unavailable',
        ),
      },
    },
    async ({ query: { limit = 20, ...filter } }) => ({ object: 'list', ...(await jobs.list({ limit, ...filter })) }),
  );

  app.get(
    '/jobs/:id',
    {
      schema: {
        tags,
        summary: 'A job',
        params: JobId,
        response: answers({ 200: Job }, 'job_not_found', 'unavailable'),
      },
    },
    ({ params: { id } }) => existing(jobs, id),
  );

  app.post(
    '/jobs/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Cancel a job',
        description: 'At once where it does not run yet; a running job ends after its present batch.',
        params: JobId,
        response: answers({ 200: Job }, 'job_not_found', 'conflict', 'unavailable'),
      },
    },
    async (request) => {
      const record = await jobs.cancel(request.params.id);
      request.log.info({ job: record.id, status: record.status }, 'job cancelled');
      return record;
    },
  );
}
