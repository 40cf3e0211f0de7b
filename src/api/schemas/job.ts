/** A job's record, as it is answered. The schemas document: they do not shape what is sent. */
import { Type, type TSchema } from 'typebox';
import { errorCodes } from '../../errors.js';
import { jobStatuses } from '../../jobs/record.js';
import { suggestionNames } from '../../schedule/index.js';

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const Time = (description: string) => Type.String({ format: 'date-time', description });
export const MaybeNumber = nullable(Type.Number());

export const JobId = Type.Object({ id: Type.String({ description: 'Id of the job', examples: ['job_8fK2'] }) });
export const Status = Type.Unsafe<(typeof jobStatuses)[number]>({
  type: 'string',
  enum: [...jobStatuses],
  title: 'JobStatus',
});

const JobError = Type.Object(
  {
    code: Type.Unsafe<keyof typeof errorCodes>({ type: 'string', enum: Object.keys(errorCodes) }),
    message: Type.String(),
    problems: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
    attempt: Type.Optional(Type.Integer()),
    phase: Type.Optional(Type.Integer()),
    epoch: Type.Optional(Type.Integer()),
    iteration: Type.Optional(Type.Integer()),
  },
  { title: 'JobError', description: 'Why a job failed, and where' },
);

export const Job = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('job'),
    type: Type.Unsafe<'fit' | 'lr_find'>({ type: 'string', enum: ['fit', 'lr_find'] }),
    status: Status,
    queue: Type.Optional(
      Type.Object(
        { reason: Type.String({ examples: ['no live worker has a GPU'] }) },
        { description: 'Of a queued job that no live worker can run: why. Absent where one can.' },
      ),
    ),
    attempt: Type.Integer({ description: 'The try that runs or ran last, from 1' }),
    created_at: Time('When it was posted'),
    started_at: nullable(Time('When its first attempt began')),
    finished_at: nullable(Time('When it ended')),
    progress: Type.Object({
      phase: Type.Integer(),
      epoch: Type.Integer(),
      n_epoch: nullable(Type.Integer()),
      iteration: Type.Integer(),
      n_iteration: nullable(Type.Integer()),
    }),
    engine: nullable(Type.Object({ name: Type.String(), version: Type.String(), device: Type.String() })),
    throughput: nullable(Type.Object({ step_ms: Type.Number(), rows_per_second: Type.Number() })),
    phases: Type.Array(
      Type.Object({
        phase: Type.Integer(),
        n_epoch: Type.Integer(),
        n_iteration: Type.Integer(),
        frozen_to: Type.Integer(),
      }),
    ),
    result: nullable(
      Type.Object({
        train_loss: MaybeNumber,
        valid_loss: MaybeNumber,
        metrics: Type.Record(Type.String(), MaybeNumber),
      }),
    ),
    error: nullable(JobError),
    spec: Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'The job as it was posted, every default filled in; inline data and weights are named by their hash',
      },
    ),
    lr_find: Type.Optional(
      Type.Object(
        {
          job: Type.String(),
          suggestion: Type.Unsafe<string>({ type: 'string', enum: [...suggestionNames] }),
          value: MaybeNumber,
        },
        { description: 'The finder that the learning rate comes from' },
      ),
    ),
    name: Type.Optional(Type.String()),
    tags: Type.Record(Type.String(), Type.String()),
    n_row: Type.Optional(Type.Object({ train: Type.Integer(), valid: Type.Integer() })),
  },
  { title: 'Job' },
);
