import { Type } from 'typebox';
import { PreviewRequest, previewPolicy } from '../../schedule/index.js';
import { Hypers } from '../../jobs/frames.js';
import { PhaseInfo } from '../../jobs/record.js';
import { Keys, keysOf, plotBody, plotFormatNames, plotFormats } from '../plots.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import type { App } from './context.js';

const Preview = Type.Object(
  {
    hypers: Hypers,
    phases: Type.Array(PhaseInfo),
  },
  { title: 'Preview', description: 'What a run of that length would record' },
);

const PlotQuery = query({ keys: Keys });

/** Policies without a training. */
export function scheduleRoutes(app: App): void {
  app.post(
    '/schedules/preview',
    {
      schema: {
        tags: ['schedules'],
        operationId: 'previewSchedule',
        summary: 'Preview the hyperparameters of a policy',
        body: PreviewRequest,
        response: answers({ 200: Preview }, ...bodyErrors, 'invalid_spec'),
      },
    },
    ({ body: { policy, n_iteration, param_groups } }) => previewPolicy(policy, { n_iteration, groups: param_groups }),
  );

  for (const format of plotFormatNames) {
    const { content, type, suffix } = plotFormats[format];
    app.post(
      `/schedules/preview.${format}`,
      {
        schema: {
          tags: ['schedules'],
          operationId: `plotSchedule${suffix}`,
          summary: `Draw the hyperparameters of a policy as ${format.toUpperCase()}`,
          description: 'The curves of `/schedules/preview` as the plot of a job that recorded them.',
          querystring: PlotQuery,
          body: PreviewRequest,
          response: answers({ 200: content }, ...bodyErrors, 'invalid_spec'),
        },
      },
      async ({ body: { policy, n_iteration, param_groups }, query: { keys } }, reply) => {
        const { hypers } = previewPolicy(policy, { n_iteration, groups: param_groups });
        const wanted = keysOf(keys, hypers);
        const length = Math.max(...Object.values(hypers).map(([first]) => first.length));
        const { plotSched } = await import('../../plots/index.js');
        const svg = plotSched({ iteration: Array.from({ length }, (_, i) => i), hypers }, wanted);
        return reply.type(type).send(await plotBody(svg, format));
      },
    );
  }
}
