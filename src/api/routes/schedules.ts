import { Type } from 'typebox';
import { PreviewRequest, previewPolicy } from '../../schedule/index.js';
import { Hypers } from '../schemas/frames.js';
import { answers } from '../schemas/problem.js';
import type { App } from './context.js';

const Preview = Type.Object(
  {
    hypers: Hypers,
    phases: Type.Array(
      Type.Object({
        phase: Type.Integer(),
        n_epoch: Type.Integer(),
        n_iteration: Type.Integer(),
        frozen_to: Type.Integer(),
      }),
    ),
  },
  { title: 'Preview', description: 'What a run of that length records' },
);

/** POST /schedules/preview. */
export function scheduleRoutes(app: App): void {
  app.post(
    '/schedules/preview',
    {
      schema: {
        tags: ['schedules'],
        summary: 'The hyperparameters that a policy would record',
        body: PreviewRequest,
        response: answers(
          { 200: Preview },
          'invalid_json',
          'invalid_request',
          'invalid_spec',
          'unsupported_media_type',
        ),
      },
    },
    ({ body: { policy, n_iteration, param_groups } }, reply) =>
      reply.send(previewPolicy(policy, { n_iteration, groups: param_groups })),
  );
}
