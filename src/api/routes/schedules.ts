import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { Policy } from '../../request/schema/policy.js';
import { previewPolicy } from '../../schedule/preview.js';
import type { PolicySpec } from '../../schedule/types.js';
import { Hypers } from '../../jobs/frames.js';
import { PhaseInfo } from '../../jobs/record.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import type { App } from './context.js';

const PreviewRequest = Type.Object(
  {
    policy: Policy,
    n_iteration: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: 'Iterations of all phases together; of `lr_find` it is `num_it`',
      }),
    ),
    param_groups: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Parameter groups of the model: 1, and 2 for `fine_tune`',
      }),
    ),
  },
  {
    additionalProperties: false,
    title: 'PreviewRequest',
    examples: [{ policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 }, n_iteration: 100 }],
  },
);
const Preview = Type.Object(
  {
    hypers: Hypers,
    phases: Type.Array(PhaseInfo),
  },
  { title: 'Preview', description: 'What a run of that length records' },
);
/** Of one curve over all parameter groups: what a page can still draw, and a server hold. */
const maxValues = 1_000_000;

/** Policies without a training. */
export function scheduleRoutes(app: App): void {
  app.post(
    '/schedules/preview',
    {
      schema: {
        tags: ['schedules'],
        summary: 'The hyperparameters that a policy would record',
        body: PreviewRequest,
        response: answers({ 200: Preview }, ...bodyErrors, 'invalid_spec'),
      },
    },
    ({ body: { policy, n_iteration, param_groups } }) => {
      if ((n_iteration ?? 1) * (param_groups ?? 1) > maxValues) {
        const detail = `n_iteration times param_groups must be at most ${maxValues}`;
        throw new OnecycleError('invalid_spec', detail, [{ pointer: '/n_iteration', detail }]);
      }
      return previewPolicy(policy as PolicySpec, { n_iteration, groups: param_groups });
    },
  );
}
