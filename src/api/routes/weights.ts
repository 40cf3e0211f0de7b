import { OnecycleError } from '../../errors.js';
import { artifacts } from '../../jobs/artifacts.js';
import { JobId } from '../schemas/job.js';
import { answers } from '../schemas/problem.js';
import { existing, type App, type Context } from './context.js';

export function weightsRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/weights',
    {
      schema: {
        tags: ['results'],
        summary: 'The final parameters, as safetensors',
        description: 'Tensors are named `LAYER.NAME`, as in `weights` of a model.',
        params: JobId,
        response: answers(
          {
            200: {
              description: 'A safetensors file',
              content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
            },
          },
          'job_not_found',
          'not_available',
        ),
      },
    },
    async ({ params: { id } }, reply) => {
      const { status } = await existing(jobs, id);
      const name = artifacts.weights(id);
      if (!(await storage.exists(name)))
        throw new OnecycleError('not_available', `The job ${id} is ${status} and has no final parameters.`);
      const file = await storage.stream(name);
      return reply
        .type('application/octet-stream')
        .header('content-length', file.size)
        .header('content-disposition', `attachment; filename="${id}.safetensors"`)
        .send(file);
    },
  );
}
