/** A job's log as columns: what its frames say in the end, after every rewind. */
import { Type, type Static } from 'typebox';
import { EpochFrame, Hypers, type Frame, type RewindFrame } from '../jobs/frames.js';
import type { Cell } from '../numbers/thin.js';
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

type Batches = Extract<Frame, { type: 'batches' }>;

/** Puts a log's frames together to columns. */
export class ColumnsBuilder {
  readonly columns: Columns = {
    iteration: [],
    epoch: [],
    phase: [],
    raw_loss: [],
    loss: [],
    seconds: [],
    hypers: {},
    epochs: [],
  };

  add(frame: Frame): void {
    if (frame.type === 'batches') this.#append(frame);
    else if (frame.type === 'rewind') this.#rewind(frame);
    // An epoch before all batches is of some that were not read.
    else if (frame.type === 'epoch' && this.columns.iteration.length > 0) {
      const { epoch, phase, train_loss, valid_loss, metrics, seconds } = frame;
      this.columns.epochs.push({ epoch, phase, train_loss, valid_loss, metrics, seconds });
    }
  }

  #append({ iteration, epoch, phase, raw_loss, loss, hypers, progress }: Batches): void {
    const { columns } = this;
    const length = columns.iteration.length;
    for (let i = 0; i < iteration.length; i++) {
      columns.iteration.push(iteration[i]);
      columns.epoch.push(epoch[i]);
      columns.phase.push(phase);
      columns.raw_loss.push(raw_loss[i] ?? null);
      columns.loss.push(loss[i] ?? null);
      columns.seconds.push(progress?.seconds ?? null);
    }
    for (const [name, groups] of Object.entries(hypers)) {
      // A hyper that comes up later, in a second phase, had no values before.
      const rows = (columns.hypers[name] ??= groups.map(() => Array<Cell>(length).fill(null)));
      for (const [g, values] of groups.entries()) for (const value of values) rows[g].push(value);
    }
    for (const rows of Object.values(columns.hypers))
      for (const row of rows) while (row.length < columns.iteration.length) row.push(null);
  }

  #rewind({ iteration, epoch }: RewindFrame): void {
    const { columns } = this;
    const length = columns.iteration.findIndex((each) => each >= iteration);
    // Earlier versions did not say it.
    const first = epoch ?? (length < 0 ? Infinity : columns.epoch[length]);
    if (length >= 0) for (const column of allColumns(columns)) column.length = length;
    columns.epochs = columns.epochs.filter((row) => row.epoch < first);
  }
}

const allColumns = ({ iteration, epoch, phase, raw_loss, loss, seconds, hypers }: Columns): Cell[][] => [
  iteration,
  epoch,
  phase,
  raw_loss,
  loss,
  seconds,
  ...Object.values(hypers).flat(),
];
