/** A checkpoint as clients see it, and as a trainer tells of it. No Redis here. */
import { Type, type Static } from 'typebox';
import { checkpointReasons } from '../schema/checkpoint-reasons.js';
import { nullable, oneOf, Whole } from '../schema/fields.js';

/** Why a checkpoint is made. */
export const CheckpointReason = oneOf(checkpointReasons, {
  title: 'CheckpointReason',
  description:
    'Why it was made: `checkpoint_seconds` had passed, a callback keeps this epoch as the best, a phase ended, ' +
    'the job was paused or cancelled, its worker shut down, a client asked for it, or the training ended',
});
/** As the schema says. */
export type CheckpointReason = Static<typeof CheckpointReason>;

const position = {
  phase: Whole('The phase that trains next'),
  epoch: Whole('Epochs that are done, of all phases together'),
  iteration: Whole('Iterations that are done, of all phases together'),
};

/** What a trainer says of a checkpoint that it has written. */
export const MadeCheckpoint = Type.Object({
  ...position,
  reason: CheckpointReason,
  name: nullable(Type.String(), { description: 'What a client called it' }),
  bytes: Whole('Size of its file'),
  sha256: Type.String({ description: 'Checksum of its file, hexadecimal' }),
  metrics: Type.Record(Type.String(), nullable(Type.Number()), {
    description: 'Losses and metrics of the last epoch that had ended; empty before the first',
  }),
});
/** As the schema says. */
export type MadeCheckpoint = Static<typeof MadeCheckpoint>;

/** A checkpoint of a job. */
export const Checkpoint = Type.Object(
  {
    id: Type.String({ examples: ['ckpt_8fK2'] }),
    ...MadeCheckpoint.properties,
    attempt: Type.Integer({ minimum: 1, description: 'The attempt that made it' }),
    created_at: Type.String({ format: 'date-time', description: 'When it was stored' }),
  },
  { title: 'Checkpoint', description: "A run's position, and everything that training changes there" },
);
/** As the schema says. */
export type Checkpoint = Static<typeof Checkpoint>;

/** Whether what goes on from a checkpoint has the bits of a run that never stopped. */
export const Equality = oneOf(['exact', 'equivalent'], {
  description:
    '`exact`: engine, processor and thread count are those that made the checkpoint, and what follows has the bits of ' +
    'a run that never stopped; `equivalent`: they differ, or a GPU computes, and rounding may',
});
/** As the schema says. */
export type Equality = Static<typeof Equality>;
