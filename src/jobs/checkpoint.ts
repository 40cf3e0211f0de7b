/** A checkpoint as clients see it, and as a trainer tells of it. No Redis here. */
import { Type, type Static } from 'typebox';
import { checkpointReasons } from '../schema/checkpoint-reasons.js';
import { nullable, oneOf, Time, Whole } from '../schema/fields.js';

/** Why a checkpoint is made. */
export const CheckpointReason = oneOf(checkpointReasons, {
  title: 'CheckpointReason',
  description:
    'Why it was made: `checkpoint_seconds` had passed, a callback kept this epoch as the best, a phase ended, ' +
    'the job was paused or cancelled, its worker shut down, a client asked for it, or the training ended',
});
/** As the schema says. */
export type CheckpointReason = Static<typeof CheckpointReason>;

const position = {
  phase: Whole('The phase that trains next'),
  epoch: Whole('Finished epochs, over all phases'),
  iteration: Whole('Finished iterations, over all phases'),
};

/** What a trainer says of a checkpoint that it has written. */
export const MadeCheckpoint = Type.Object({
  ...position,
  reason: CheckpointReason,
  name: nullable(Type.String(), { description: 'The name that a client gave it' }),
  bytes: Whole('Size of its file'),
  sha256: Type.String({ description: 'Checksum of its file, in hexadecimal' }),
  metrics: Type.Record(Type.String(), nullable(Type.Number()), {
    description: 'Losses and metrics of the last finished epoch; empty before the first',
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
    created_at: Time('When it was stored'),
  },
  { title: 'Checkpoint', description: 'The position of a run, and all training state at that position' },
);
/** As the schema says. */
export type Checkpoint = Static<typeof Checkpoint>;

/** Whether what goes on from a checkpoint has the bits of a run that never stopped. */
export const Equality = oneOf(['exact', 'equivalent'], {
  description:
    '`exact`: engine, processor and thread count are those that made the checkpoint, and the run continues bit for bit as ' +
    'if it had never stopped; `equivalent`: they differ, or the device is a GPU, so rounding may differ',
});
/** As the schema says. */
export type Equality = Static<typeof Equality>;
