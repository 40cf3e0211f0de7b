import { Type } from 'typebox';
import { PreviewRequest, previewPolicy } from '../../schedule/index.js';
import { Hypers } from '../../jobs/frames.js';
import { PhaseInfo } from '../../jobs/record.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import type { App } from './context.js';

const Preview = Type.Object(
  {
    hypers: Hypers,
    phases: Type.Array(PhaseInfo),
  },
  { title: 'Preview', description: 'What a run of that length would record' },
);

/** Policies without a training. */
export function scheduleRoutes(app: App): void {
  app.post(
    '/schedules/preview',
    {
      schema: {
        tags: ['schedules'],
        summary: 'Preview the hyperparameters of a policy',
        body: PreviewRequest,
        response: answers({ 200: Preview }, ...bodyErrors, 'invalid_spec'),
      },
    },
    ({ body: { policy, n_iteration, param_groups } }) => previewPolicy(policy, { n_iteration, groups: param_groups }),
  );
}
