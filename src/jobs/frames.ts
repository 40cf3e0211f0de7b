/** What a job's log is made of. No Redis here: trainers and clients know frames too. */
import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { MaybeNumber, NotNegative, nullable, optional, Whole } from '../schema/fields.js';
import { JobError, JobStatus, Progress } from './record.js';

const Cell = nullable(Type.Number());
const column = (description: string) => Type.Array(Cell, { description });

/** Curves of hyperparameters by name: one row per parameter group, one value per iteration; null where it had none. */
export const Hypers = Type.Record(Type.String(), Type.Array(Type.Array(Cell)), {
  description: 'Hyperparameters by name: one row per parameter group, one value per iteration',
});

/** Consecutive batches of one phase. */
export const BatchesFrame = Type.Object(
  {
    type: Type.Literal('batches'),
    phase: Whole('Phase of the batches'),
    epoch: Type.Array(Whole('Counted over the whole job from 0'), { description: 'The epoch of each batch' }),
    iteration: Type.Array(Whole('Counted over the whole job from 0'), { description: 'The iteration of each batch' }),
    raw_loss: column('The loss of each batch; null where it is not finite'),
    loss: column("fastai's smoothed loss after each batch; null where it is not finite"),
    hypers: Hypers,
  },
  { title: 'BatchesFrame', description: 'Consecutive batches as columns, one value per batch' },
);
/** As the schema says. Not finite numbers become null when the frame is stored. */
export type BatchesFrame = Static<typeof BatchesFrame>;

/** An epoch that has ended. */
export const EpochFrame = Type.Object(
  {
    type: Type.Literal('epoch'),
    epoch: Whole('Counted over the whole job from 0'),
    phase: Whole('Phase of the epoch'),
    train_loss: MaybeNumber('Smoothed training loss at its end'),
    valid_loss: MaybeNumber('Mean over the validation rows; null without validation rows'),
    metrics: Type.Record(Type.String(), Cell, { description: 'Metrics on the validation rows, by name' }),
    seconds: Type.Number({ minimum: 0, description: 'Duration, including validation' }),
  },
  { title: 'EpochFrame', description: 'A finished epoch' },
);
/** As the schema says. */
export type EpochFrame = Static<typeof EpochFrame>;

/** A change of the job's status. */
export const StatusFrame = Type.Object(
  { type: Type.Literal('status'), status: JobStatus, error: optional(JobError) },
  {
    title: 'StatusFrame',
    description: 'A change of status; with `failed` comes the error. The frame with a terminal status is the last one',
  },
);
/** As the schema says. */
export type StatusFrame = Static<typeof StatusFrame>;

/** An attempt that starts again. */
export const RewindFrame = Type.Object(
  {
    type: Type.Literal('rewind'),
    iteration: Whole('The first iteration that is repeated'),
    epoch: optional(
      Whole(
        'The first epoch whose end is repeated: one that was being validated has no iterations left. Absent in the ' +
          'logs of earlier versions',
      ),
    ),
  },
  { title: 'RewindFrame', description: 'The frames that follow replace the iterations and epochs from these on' },
);
/** As the schema says. */
export type RewindFrame = Static<typeof RewindFrame>;

const inTheLog = {
  seq: Whole('Position in the log, counted from 0 without gaps'),
  attempt: Type.Integer({ minimum: 1, description: 'The attempt that it belongs to, counted from 1' }),
};

/** How far a job was when a frame of its training was stored. */
const FrameProgress = Type.Object(
  {
    ...Type.Pick(Progress, ['percent', 'estimated_finish']).properties,
    seconds: optional(
      NotNegative(
        'Training time of the job so far, all attempts together, in seconds; waiting and pauses do not count. Absent ' +
          'from logs of earlier versions',
      ),
    ),
  },
  {
    title: 'FrameProgress',
    description: 'Progress of the job at that time, as in its record. Absent from logs of earlier versions',
  },
);
/** As the schema says. */
export type FrameProgress = Static<typeof FrameProgress>;

type Named<P extends TProperties> = TObject<P> & { title?: string; description?: string };

/** A frame as the log has it. */
const stored = <P extends TProperties>({ properties, title, description }: Named<P>) =>
  Type.Object({ ...properties, ...inTheLog }, { title, description });

/** One that says of training. */
const storedInTraining = <P extends TProperties>({ properties, title, description }: Named<P>) =>
  stored(Type.Object({ ...properties, progress: optional(FrameProgress) }, { title, description }));

/** A frame of a job's log. */
export const Frame = Type.Union([
  storedInTraining(BatchesFrame),
  storedInTraining(EpochFrame),
  stored(StatusFrame),
  stored(RewindFrame),
]);
/** As the schema says. */
export type Frame = Static<typeof Frame>;

/** What a trainer says of its progress. */
export type TrainerFrame = BatchesFrame | EpochFrame;

/** What a client with a `max_rate` gets in place of frames that came too fast for it. */
export const MergedFrame = Type.Object(
  {
    ...BatchesFrame.properties,
    ...inTheLog,
    seq: Whole('`seq` of the last merged frame'),
    from: Whole('`seq` of the first merged frame'),
    left_out: Whole('Number of iterations left out'),
    seconds: column('Training time of the job at each iteration, in seconds; null where the log does not record it'),
    progress: optional(FrameProgress),
  },
  {
    title: 'MergedFrame',
    description:
      'Several `batches` frames merged into one because of `max_rate`: it has the iterations whose `raw_loss` is ' +
      'lowest, highest (a loss that is not finite counts as the highest) and last',
  },
);
/** As the schema says. */
export type MergedFrame = Static<typeof MergedFrame>;

/** What a client gets in place of frames that it was too slow for. */
export const Gap = Type.Object(
  {
    type: Type.Literal('gap'),
    from: Whole('`seq` of the first frame left out'),
    to: Whole('`seq` of the last frame left out'),
  },
  {
    title: 'Gap',
    description: 'The client was too slow: these frames were left out and can be read again from `from` on',
  },
);
/** As the schema says. */
export type Gap = Static<typeof Gap>;

/**
 * A frame as a log hands it on: the text that is stored, so that whoever passes it on to a client neither parses nor
 * writes JSON. `parseFrame` gives the values.
 */
export interface StoredFrame {
  /** Its place in the log, counted from 0. */
  seq: number;
  /** Where it stands for several: the place of the first one. */
  from?: number;
  type: Frame['type'];
  /** Whether nothing follows: the status frame of a job that has ended. */
  last: boolean;
  /** When a live one came to this process, by `performance.now()`. */
  arrivedMs?: number;
  /** The whole frame as JSON, `type` first and then `seq`: `{"type":"batches","seq":12,…}`. */
  json: string;
}

/** The values of a stored frame. */
export const parseFrame = ({ json }: StoredFrame): Frame =>
  // Only the scripts and Attempt write frames.
  JSON.parse(json) as Frame;
