import { Job, type JobRecord } from '../../jobs/record.js';
import { Finish } from '../../request/body.js';
import { strict } from '../../schema/fields.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import { JobId } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['jobs'];

const FinishRequest = strict(
  { cooldown: Finish.properties.cooldown },
  { title: 'FinishRequest', examples: [{ cooldown: 1 }] },
);

const changed = answers({ 200: Job }, ...bodyErrors, 'job_not_found', 'conflict', 'unavailable');

/** Cancelling, pausing and resuming a job, ending it early, and doing it again. */
export function controlRoutes(app: App, { jobs }: Context): void {
  changeRoute(app, 'cancel', 'Cancel a job', (id) => jobs.cancel(id), {
    description:
      'A job that is not running yet is cancelled at once; a running job ends before its next batch, with a checkpoint.',
    done: 'job cancelled',
  });
  changeRoute(app, 'pause', 'Pause a job', (id) => jobs.pause(id), {
    description:
      'A queued job is paused at once; a running job makes a checkpoint before its next batch and releases its device.',
    done: 'job paused',
  });

  app.post(
    '/jobs/:id/finish',
    {
      schema: {
        tags,
        operationId: 'finishJob',
        summary: 'Leave the schedule of a running job',
        description:
          'From the next batch on, every rate anneals to zero over `cooldown` epochs. The spec then records this in `finish`.',
        params: JobId,
        body: FinishRequest,
        response: changed,
      },
    },
    async (request) => {
      const record = await jobs.finish(request.params.id, request.body.cooldown);
      request.log.info({ job: record.id, cooldown: request.body.cooldown }, 'job is finishing early');
      return record;
    },
  );

  changeRoute(app, 'resume', 'Resume a paused job', (id) => jobs.resume(id), {
    description: 'The job is queued again and continues from its checkpoint.',
    done: 'job resumed',
  });

  app.post(
    '/jobs/:id/retry',
    {
      schema: {
        tags,
        operationId: 'retryJob',
        summary: 'Retry a failed or cancelled job',
        description:
          'Creates a new job that continues from the last checkpoint of the old one, or starts over if it has none.',
        params: JobId,
        response: answers(
          {
            201: {
              description: 'The new job was stored and queued',
              headers: { location: { type: 'string', description: 'URL of the new job' } },
              content: { 'application/json': { schema: Job } },
            },
          },
          ...bodyErrors,
          'job_not_found',
          'conflict',
          'queue_full',
          'quota_reached',
          'unavailable',
        ),
      },
    },
    async (request, reply) => {
      const record = await jobs.retry(request.params.id, await jobs.access.posterOf(request.identity));
      request.log.info({ job: record.id, retry_of: record.retry_of }, 'job created');
      void reply.status(201).header('location', `/jobs/${record.id}`);
      return record;
    },
  );
}

/** `POST /jobs/:id/NAME`, which changes the job and answers its record. `done`: what the log says then. */
function changeRoute(
  app: App,
  name: string,
  summary: string,
  change: (id: string) => Promise<JobRecord>,
  { description, done }: { description: string; done: string },
): void {
  app.post(
    `/jobs/:id/${name}`,
    { schema: { tags, operationId: `${name}Job`, summary, description, params: JobId, response: changed } },
    async (request) => {
      const record = await change(request.params.id);
      request.log.info({ job: record.id, status: record.status }, done);
      return record;
    },
  );
}
