/** The frames of a job's log, as WebSocket and SSE send them: for the documentation. */
import { Type } from 'typebox';
import { MaybeNumber, Status } from './job.js';

const stored = {
  seq: Type.Integer({ minimum: 0, description: 'Counts from 0 without a gap' }),
  attempt: Type.Integer(),
};
const Column = Type.Array(MaybeNumber);
export const Hypers = Type.Record(Type.String(), Type.Array(Column), {
  description: 'A hyperparameter: one row a parameter group, one value an iteration',
});

export const Frame = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal('batches'),
        ...stored,
        phase: Type.Integer(),
        epoch: Type.Array(Type.Integer()),
        iteration: Type.Array(Type.Integer()),
        raw_loss: Column,
        loss: Column,
        hypers: Hypers,
      },
      { title: 'BatchesFrame', description: 'Columns of consecutive batches' },
    ),
    Type.Object(
      {
        type: Type.Literal('epoch'),
        ...stored,
        epoch: Type.Integer(),
        phase: Type.Integer(),
        train_loss: MaybeNumber,
        valid_loss: MaybeNumber,
        metrics: Type.Record(Type.String(), MaybeNumber),
        seconds: Type.Number(),
      },
      { title: 'EpochFrame' },
    ),
    Type.Object(
      { type: Type.Literal('status'), ...stored, status: Status },
      { title: 'StatusFrame', additionalProperties: true, description: 'A terminal one is the last frame' },
    ),
    Type.Object(
      { type: Type.Literal('rewind'), ...stored, iteration: Type.Integer() },
      { title: 'RewindFrame', description: 'What follows replaces the iterations from this one on' },
    ),
    Type.Object(
      { type: Type.Literal('gap'), from: Type.Integer(), to: Type.Integer() },
      {
        title: 'Gap',
        description: 'The client was too slow: these frames were left out, and can be read from `from` on',
      },
    ),
  ],
  { title: 'Frame' },
);
