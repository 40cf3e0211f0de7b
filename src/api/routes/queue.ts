/** The queue, for whoever operates the service. */
import { Type } from 'typebox';
import { Demand, deviceKinds, QueuePage } from '../../jobs/record.js';
import { defaulted, oneOf, optional, Whole } from '../../schema/fields.js';
import { labelsOf, labelsPattern } from '../../schema/labels.js';
import { isOperator } from '../plugins/tenants.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['operators'];
const defaultLimit = 100;
const Page = query({
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs per page' }), defaultLimit),
  after: defaulted(Whole('Position of the last job of the previous page'), 0),
});

const DemandOf = query({
  device: oneOf(deviceKinds, { description: 'The kind of their device', examples: ['gpu'] }),
  labels: optional(
    Type.String({
      pattern: labelsPattern,
      description: 'Labels of such workers, as in `ONECYCLE_LABELS`',
      examples: ['gpu=h100,zone=a'],
    }),
  ),
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
          '`concurrency_key`. Of a tenant: its own jobs; whoever operates the service sees all. Jobs for a CPU and jobs for a GPU wait for different workers, but are listed together.',
        querystring: Page,
        response: answers({ 200: QueuePage }, 'invalid_request', 'unavailable'),
      },
    },
    ({ query: page, identity }) => jobs.queue(isOperator(identity) ? page : { ...page, tenant: identity.tenant }),
  );

  app.get(
    '/queue/demand',
    {
      config: { service: true },
      schema: {
        tags,
        operationId: 'getDemand',
        summary: 'What there is to do for workers of a kind, for an autoscaler',
        description:
          'The jobs that a worker with this device and these labels could run. `jobs` is how many such workers would all ' +
          'be busy: what a KEDA `metrics-api` trigger with a target of 1 reads. Jobs with `device` `auto` count for a GPU ' +
          'if a worker has one, else for the CPU; with `requires` that no live worker fulfils, for either.',
        querystring: DemandOf,
        response: answers({ 200: Demand }, 'invalid_request', 'unavailable'),
      },
    },
    ({ query: { device, labels = '' } }) => jobs.demand({ device, labels: labelsOf(labels) }),
  );

  app.post(
    '/queue/pause',
    {
      config: { service: true },
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
      config: { service: true },
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
