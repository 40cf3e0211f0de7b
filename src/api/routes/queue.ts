/** The queue, for whoever operates the service. */
import { Type } from 'typebox';
import { QueuePage } from '../../jobs/record.js';
import { defaulted, Whole } from '../../schema/fields.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['operators'];
const defaultLimit = 100;
const Page = query({
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs per page' }), defaultLimit),
  after: defaulted(Whole('Position of the last job of the previous page'), 0),
});

/** The queue: who is where, and pausing it. */
export function queueRoutes(app: App, { jobs }: Context): void {
  const firstPage = () => jobs.queue({ limit: defaultLimit, after: 0 });

  app.get(
    '/queue',
    {
      schema: {
        tags,
        operationId: 'getQueue',
        summary: 'The queued jobs, in the order in which they will run',
        description:
          'Higher priority first; within a priority in the order posted, followed by the jobs held back by their ' +
          '`concurrency_key`. Jobs for a CPU and jobs for a GPU wait for different workers, but are listed together.',
        querystring: Page,
        response: answers({ 200: QueuePage }, 'invalid_request', 'unavailable'),
      },
    },
    ({ query: page }) => jobs.queue(page),
  );

  app.post(
    '/queue/pause',
    {
      schema: {
        tags,
        operationId: 'pauseQueue',
        summary: 'Pause the queue',
        description:
          'No worker takes a job until the queue is resumed. New jobs are accepted, and running jobs continue.',
        response: answers({ 200: QueuePage }, ...bodyErrors, 'unavailable'),
      },
    },
    async (request) => {
      await jobs.pauseQueue();
      request.log.info('queue paused');
      return firstPage();
    },
  );

  app.post(
    '/queue/resume',
    {
      schema: {
        tags,
        operationId: 'resumeQueue',
        summary: 'Resume the queue',
        response: answers({ 200: QueuePage }, ...bodyErrors, 'unavailable'),
      },
    },
    async (request) => {
      await jobs.resumeQueue();
      request.log.info('queue resumed');
      return firstPage();
    },
  );
}
