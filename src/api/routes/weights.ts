import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { artifacts } from '../../jobs/artifacts.js';
import { answers, content } from '../schemas/answers.js';
import { JobId } from '../schemas/params.js';
import type { App, Context } from './context.js';

/** What jobs have learned. */
export function weightsRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/weights',
    {
      schema: {
        tags: ['results'],
        operationId: 'downloadWeights',
        summary: 'Download the final parameters as safetensors',
        description:
          "Tensors are named `LAYER.NAME`: LAYER is the layer's name, which all layers of presets have, or its index.",
        params: JobId,
        response: answers(
          {
            200: content<Readable>('application/octet-stream', 'A safetensors file', Type.String({ format: 'binary' })),
          },
          'job_not_found',
          'not_available',
          'unavailable',
          'storage_unavailable',
        ),
      },
    },
    async ({ params: { id } }, reply) => {
      const { status, attempt } = await jobs.existing(id);
      const name = artifacts.weights(id, attempt);
      if (!(await storage.exists(name)))
        throw new OnecycleError('not_available', `Job ${id} is ${status} and has no final parameters.`);
      const file = await storage.stream(name);
      return reply
        .type('application/octet-stream')
        .header('content-length', file.size)
        .header('content-disposition', `attachment; filename="${id}.safetensors"`)
        .send(file);
    },
  );
}
