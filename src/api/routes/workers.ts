/** The workers, for whoever operates the service. */
import { Type } from 'typebox';
import { WorkerInfo } from '../../jobs/record.js';
import { isOperator } from '../plugins/tenants.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const tags = ['operators'];
const WorkerId = Type.Object({ id: Type.String({ description: 'Id of the worker', examples: ['wrk_8fK2'] }) });
const WorkerList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(WorkerInfo) },
  { title: 'WorkerList', description: 'The live workers' },
);

/** The workers that live, and draining one. */
export function workerRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/workers',
    {
      schema: {
        tags,
        operationId: 'listWorkers',
        summary: 'The live workers',
        response: answers({ 200: WorkerList }, 'unavailable'),
      },
    },
    async ({ identity }) => ({
      object: 'list' as const,
      data: await jobs.workers(isOperator(identity) ? undefined : identity.tenant),
    }),
  );

  app.post(
    '/workers/:id/drain',
    {
      schema: {
        tags,
        operationId: 'drainWorker',
        summary: 'Drain a worker',
        description:
          'It takes no more jobs, finishes its current jobs, and stays up as `draining`: it can then be stopped without ' +
          'any job losing work. After a restart it is a new worker, which takes jobs.',
        params: WorkerId,
        response: answers({ 200: WorkerInfo }, ...bodyErrors, 'worker_not_found', 'unavailable'),
      },
    },
    async (request) => {
      const worker = await jobs.drain(request.params.id);
      request.log.info({ worker: worker.id, job: worker.job }, 'worker is draining');
      return worker;
    },
  );
}
