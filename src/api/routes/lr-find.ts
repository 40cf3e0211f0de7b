import { Type } from 'typebox';
import { JobStatus, perSuggestion, Stopped } from '../../jobs/record.js';
import { MaybeNumber, nullable } from '../../schema/fields.js';
import { readFinder } from '../finder.js';
import { answers } from '../schemas/answers.js';
import { JobId } from '../schemas/params.js';
import type { App, Context } from './context.js';

const Losses = (description: string) => Type.Array(nullable(Type.Number()), { description });
const LrFindAnswer = Type.Object(
  {
    status: JobStatus,
    suggestions: perSuggestion(
      nullable(Type.Number()),
      'Suggested rates; null while the curve is too short, or if no suggestion can be made',
    ),
    reasons: perSuggestion(Type.String(), 'The reason for each one that is null'),
    lr_min: MaybeNumber('A tenth of the rate at the lowest loss'),
    lr_steep: MaybeNumber('The rate where the loss falls most steeply'),
    lrs: Type.Array(Type.Number(), { description: 'The rate of the last parameter group at each iteration' }),
    losses: Losses('The smoothed loss of each iteration; null where it is not finite'),
    raw_losses: Losses('The loss of each iteration; null where it is not finite'),
    stopped: nullable(Stopped, { description: 'Why the curve ends; null while the finder runs' }),
  },
  { title: 'LrFindResult', description: 'The curve of a learning-rate finder, and the rates that it suggests' },
);

/** The results of finders. */
export function lrFindRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/lr-find',
    {
      schema: {
        tags: ['results'],
        operationId: 'getLrFind',
        summary: "A finder's curve and its suggestions",
        params: JobId,
        response: answers({ 200: LrFindAnswer }, 'job_not_found', 'not_available', 'busy', 'unavailable'),
      },
    },
    async ({ params: { id } }) => {
      const record = await jobs.existing(id);
      const { lrs, losses, rawLosses, suggestions, reasons, lr_min, lr_steep } = await readFinder(
        { jobs, storage },
        record,
      );
      return {
        status: record.status,
        suggestions,
        reasons,
        lr_min,
        lr_steep,
        lrs,
        losses,
        raw_losses: rawLosses,
        stopped: record.result?.stopped ?? null,
      };
    },
  );
}
