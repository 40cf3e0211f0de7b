import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { defaulted, oneOf } from '../../schema/fields.js';
import { exportModel, formatNames, formats } from '../exports/index.js';
import { answers } from '../schemas/answers.js';
import { JobId, query, WhichCheckpoint } from '../schemas/params.js';
import type { App, Context } from './context.js';

const Query = query({
  format: defaulted(
    oneOf(formatNames, {
      description: formatNames.map((name) => `\`${name}\`: ${formats[name].description}`).join('. '),
    }),
    'onecycle',
  ),
  checkpoint: WhichCheckpoint,
});
const file = { schema: Type.Unsafe<Readable>(Type.String({ format: 'binary' })) };

/** Trained models, to take away. */
export function modelRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/model',
    {
      schema: {
        tags: ['results'],
        operationId: 'downloadModel',
        summary: 'Download the trained model',
        description: 'Every format includes a model card: data, schedule, metrics, classes and processing.',
        params: JobId,
        querystring: Query,
        response: answers(
          {
            200: {
              description: 'A file, or a zip if there are several',
              content: { 'application/zip': file, 'application/octet-stream': file },
            },
          },
          'invalid_request',
          'job_not_found',
          'checkpoint_not_found',
          'not_available',
          'unavailable',
          'storage_unavailable',
        ),
      },
    },
    async ({ params: { id }, query: { format, checkpoint: which } }, reply) => {
      const record = await jobs.existing(id);
      const checkpoint = await jobs.checkpoint(id, which);
      const { type, filename, stream } = await exportModel(format, record, checkpoint, storage);
      return reply.type(type).header('content-disposition', `attachment; filename="${filename}"`).send(stream);
    },
  );
}
