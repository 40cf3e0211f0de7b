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
    { job: Type.String({ description: 'Id of the job that the frame belongs to' }), ...properties },
    { title: `Job${title}`, description },
  );

/** A message of a stream of several jobs. */
export const JobMessage = Type.Union(
  messages.map((message: Titled) => withJob(message)),
  {
    title: 'JobMessage',
    description: 'A message of a stream of several jobs, with the id of its job',
  },
);

/** How fast a client wants frames. */
export const MaxRate = optional(
  Type.Number({
    minimum: 0.01,
    maximum: 1000,
    description:
      'The most `batches` frames per second and job; faster ones are merged. All other frames are ' +
      'sent, each preceded by what was merged so far. Left out: every frame is sent as it was stored',
  }),
);
