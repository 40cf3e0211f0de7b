/** The workers, for whoever operates the service. */
import { Type } from 'typebox';
import { WorkerInfo } from '../../jobs/record.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const tags = ['operators'];
const WorkerId = Type.Object({ id: Type.String({ description: 'Id of the worker' }) });
const WorkerList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(WorkerInfo) },
  { title: 'WorkerList', description: 'The workers that live' },
);

/** The workers that live, and draining one. */
export function workerRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/workers',
    {
      schema: { tags, summary: 'The workers that live', response: answers({ 200: WorkerList }, 'unavailable') },
    },
    async () => ({ object: 'list' as const, data: await jobs.workers() }),
  );

  app.post(
    '/workers/:id/drain',
    {
      schema: {
        tags,
        summary: 'Drain a worker',
        description:
          'It takes no more jobs, finishes the one that it has, and lives on as `draining`: it can be ended without ' +
          'a job losing work. Started again it is another worker, which takes jobs.',
        params: WorkerId,
        response: answers({ 200: WorkerInfo }, ...bodyErrors, 'worker_not_found', 'unavailable'),
      },
    },
    async (request) => {
      const worker = await jobs.drain(request.params.id);
      request.log.info({ worker: worker.id, job: worker.job }, 'worker drains');
      return worker;
    },
  );
}
