/** What clients of streams get. */
import { Type, type TProperties } from 'typebox';
import { Frame, Gap, MergedFrame } from '../../jobs/frames.js';
import { optional } from '../../schema/fields.js';

const messages = [...Frame.anyOf, MergedFrame, Gap];

/** A message of one job's stream. */
export const Message = Type.Union(messages, { title: 'Frame' });

interface Titled {
  properties: TProperties;
  title?: string;
  description?: string;
}

const withJob = ({ properties, title = '', description }: Titled) =>
  Type.Object(
    { job: Type.String({ description: 'Id of the job that it is of' }), ...properties },
    { title: `Job${title}`, description },
  );

/** A message of a stream of several jobs. */
export const JobMessage = Type.Union(
  messages.map((message: Titled) => withJob(message)),
  {
    title: 'JobMessage',
    description: 'A message of a stream of several jobs: it says whose it is',
  },
);

/** How fast a client wants frames. */
export const MaxRate = optional(
  Type.Number({
    minimum: 0.01,
    maximum: 1000,
    description:
      'At most so many `batches` frames a second, of each job: what comes faster is merged. All other frames are ' +
      'sent, and each brings first what was merged till then. Left out: every frame is sent as it was stored',
  }),
);
