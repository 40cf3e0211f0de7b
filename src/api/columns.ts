/** A job's curves as the API answers them. history/ puts them together. */
import { Type, type Static } from 'typebox';
import { EpochFrame, Hypers } from '../jobs/frames.js';
import { nullable, Whole } from '../schema/fields.js';

export type { Cell } from '../numbers/thin.js';

const Cells = (description: string) => Type.Array(nullable(Type.Number()), { description });

/** A row per epoch. */
const EpochRow = Type.Omit(EpochFrame, ['type'], { title: 'EpochRow', description: 'A finished epoch' });

/** The curves of a job. */
export const Columns = Type.Object(
  {
    iteration: Type.Array(Whole('Counted over the whole job from 0'), { description: 'The iterations, in order' }),
    epoch: Type.Array(Whole('Counted over the whole job from 0'), { description: 'The epoch of each iteration' }),
    phase: Type.Array(Whole('Counted from 0'), { description: 'The phase of each iteration' }),
    raw_loss: Cells('The loss of each batch; null where it is not finite'),
    loss: Cells("fastai's smoothed loss after each batch; null where it is not finite"),
    seconds: Cells(
      'Training time of the job so far, all attempts together, in seconds; waiting and pauses do not count. It has a ' +
        'resolution of about 20 ms. Null where the log does not record it, as in logs of earlier versions',
    ),
    hypers: Hypers,
    epochs: Type.Array(EpochRow, { description: 'The finished epochs' }),
  },
  { title: 'Metrics', description: 'Columns, one value per iteration' },
);
/** As the schema says. */
export type Columns = Static<typeof Columns>;
