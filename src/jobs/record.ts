/** A job's record as clients see it: what its fields mean, and the types that follow from it. No Redis here. */
import { Type, type Static, type TSchema } from 'typebox';
import { Equality } from './checkpoint.js';
import { errorCodes, type ErrorCode } from '../errors.js';
import { JobSpec, jobTypes } from '../request/spec.js';
import { MaybeNumber, NotNegative, nullable, oneOf, optional, Share, Whole } from '../schema/fields.js';
import { SuggestionName, suggestionNames } from '../schedule/index.js';

const Time = (description: string) => Type.String({ format: 'date-time', description });
const MaybeTime = (description: string) => nullable(Type.String({ format: 'date-time' }), { description });

/** Every status that a job may have. */
export const jobStatuses = [
  'queued',
  'running',
  'pausing',
  'paused',
  'waiting',
  'completed',
  'failed',
  'cancelled',
] as const;

/** One of them. */
export const JobStatus = oneOf(jobStatuses, {
  title: 'JobStatus',
  description: 'Where a job is; nothing follows `completed`, `failed` and `cancelled`',
});
/** As the schema says. */
export type JobStatus = Static<typeof JobStatus>;

/** Whether a job trains a model or looks for a learning rate. */
export const JobType = oneOf(jobTypes, { title: 'JobType', description: '`lr_find` for a learning-rate finder' });
/** As the schema says. */
export type JobType = Static<typeof JobType>;

/** From where to where a job may go: `running → running` is a new attempt, `running → queued` a shutdown. */
export const transitions: Record<JobStatus, readonly JobStatus[]> = {
  waiting: ['queued', 'failed', 'cancelled'],
  queued: ['running', 'paused', 'failed', 'cancelled'],
  running: ['running', 'queued', 'pausing', 'completed', 'failed', 'cancelled'],
  pausing: ['running', 'queued', 'paused', 'completed', 'failed', 'cancelled'],
  paused: ['queued', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

/** Whether nothing follows any more. */
export const isTerminal = (status: JobStatus): boolean => transitions[status].length === 0;

/** The engine of a trainer. */
export const EngineInfo = Type.Object(
  {
    name: oneOf(['tensorflow', 'wasm'], { description: 'Native TensorFlow, or TensorFlow.js on WebAssembly' }),
    version: Type.String({ description: 'Version of the library that computes' }),
    device: Type.String({ description: 'What it computes on', examples: ['cpu:0', 'gpu:0'] }),
    mode: optional(
      oneOf(['compiled', 'eager'], {
        description: 'Whether a step is one native call, or kernel by kernel; known once an attempt has begun',
      }),
    ),
    reason: optional(Type.String({ description: 'Why the mode is `eager`' })),
  },
  { title: 'EngineInfo' },
);
/** As the schema says. */
export type EngineInfo = Static<typeof EngineInfo>;

/** A part of a run with its own frozen layers and schedules. */
export const PhaseInfo = Type.Object(
  {
    phase: Whole('Its index, from 0'),
    n_epoch: Whole('Epochs that it trains'),
    n_iteration: Whole('Iterations that it trains, if nothing stops it before'),
    frozen_to: Whole('Parameter groups before this one are frozen'),
  },
  { title: 'PhaseInfo', description: 'A part of a run with its own frozen layers and schedules: `fine_tune` has two' },
);
/** As the schema says. */
export type PhaseInfo = Static<typeof PhaseInfo>;

/** Why a job failed, and where. */
export const JobError = Type.Object(
  {
    code: Type.Unsafe<ErrorCode>({
      type: 'string',
      enum: Object.keys(errorCodes),
      description: 'Stable, for programs',
    }),
    message: Type.String({ description: 'What happened, for people' }),
    problems: optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer to the field, from the root of the spec' }),
          detail: Type.String({ description: 'What would be right' }),
        }),
        { description: 'The fields of the spec that are wrong' },
      ),
    ),
    attempt: optional(Type.Integer({ minimum: 1, description: 'The attempt that failed' })),
    phase: optional(Whole('Where it failed, if it had begun to train: the phase')),
    epoch: optional(Whole('The epoch, counted over the whole job from 0')),
    iteration: optional(Whole('The iteration, counted over the whole job from 0')),
  },
  { title: 'JobError', description: 'Why a job failed, and where' },
);
/** As the schema says. */
export type JobError = Static<typeof JobError>;

/** How far a job is. */
export const Progress = Type.Object(
  {
    phase: Whole('The phase that trains'),
    epoch: Whole('Epochs that are done, of all phases together'),
    n_epoch: nullable(Type.Integer({ minimum: 0 }), {
      description: 'Epochs of all phases together; null until the trainer has planned them',
    }),
    iteration: Whole('Iterations that are done, of all phases together'),
    n_iteration: nullable(Type.Integer({ minimum: 0 }), {
      description: 'Iterations of all phases together; null until the trainer has planned them',
    }),
    percent: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Iterations that are done, in percent of all phases together; 100 for what has completed',
    }),
    estimated_finish: MaybeTime(
      'When all iterations will be done, from how long steps and validation took so far; null where that is unknown: ' +
        'before some steps of the attempt are measured, and while nothing trains',
    ),
  },
  { title: 'Progress' },
);
/** As the schema says. */
export type Progress = Static<typeof Progress>;

/** How fast a job trained. */
export const Throughput = Type.Object(
  {
    step_ms: Type.Number({
      description: 'Milliseconds from one batch to the next: the median, the first ten batches left out',
    }),
    rows_per_second: Type.Number({ description: 'Training rows that this is per second' }),
  },
  { title: 'Throughput' },
);
/** As the schema says. */
export type Throughput = Static<typeof Throughput>;

/** An object that has a value for each suggestion that was made. */
export const perSuggestion = <S extends TSchema>(value: S, description: string) =>
  Type.Unsafe<Partial<Record<SuggestionName, Static<S>>>>(
    Type.Object(Object.fromEntries(suggestionNames.map((name) => [name, optional(value)])), { description }),
  );

/** Why the curve of a finder ends. */
export const Stopped = oneOf(['num_it', 'diverged'], {
  title: 'Stopped',
  description: 'Why the curve of a finder ends: after its `num_it` iterations, or because the loss diverged',
});

/** What a job has come to. */
export const JobResult = Type.Object(
  {
    train_loss: MaybeNumber('The smoothed training loss at the end'),
    valid_loss: MaybeNumber('Mean over the validation rows after the last epoch'),
    metrics: Type.Record(Type.String(), nullable(Type.Number()), {
      description: 'Metrics on the validation rows after the last epoch, by name',
    }),
    confusion_matrix: optional(
      Type.Array(Type.Array(Whole('Rows')), {
        description:
          'Where the metric `confusion_matrix` is asked for: how many validation rows of each class (a list each) were ' +
          'predicted to be of each class, after the last epoch',
      }),
    ),
    stopped: optional(Stopped),
    suggestions: optional(
      perSuggestion(nullable(Type.Number()), 'Rates that a finder suggests; null where it can suggest none'),
    ),
    reasons: optional(perSuggestion(Type.String(), 'Why, for each suggestion that is null')),
  },
  { title: 'JobResult', description: '`stopped`, `suggestions` and `reasons` are those of a learning-rate finder' },
);
/** As the schema says. */
export type JobResult = Static<typeof JobResult>;

/** The finder that a fit took its learning rate from. */
export const FoundRate = Type.Object(
  {
    job: Type.String({ description: 'Id of the finder' }),
    suggestion: SuggestionName,
    value: MaybeNumber('The rate; null until the finder has suggested one'),
  },
  { title: 'FoundRate', description: 'The learning-rate finder that the rate of a fit comes from' },
);
/** As the schema says. */
export type FoundRate = Static<typeof FoundRate>;

/** Where an attempt went on from. */
export const Resumed = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1, description: 'The attempt that went on' }),
    from: Type.String({ description: 'Id of the checkpoint' }),
    iteration: Whole('The first iteration that it trained'),
    equality: Equality,
    damaged: optional(
      Type.Array(Type.String(), { description: 'Checkpoints that it would have gone on from, were they not damaged' }),
    ),
  },
  { title: 'Resumed' },
);
/** As the schema says. */
export type Resumed = Static<typeof Resumed>;

/** A job's record. */
export const Job = Type.Object(
  {
    id: Type.String({ examples: ['job_8fK2'] }),
    object: Type.Literal('job'),
    type: JobType,
    status: JobStatus,
    queue: optional(
      Type.Object(
        { reason: Type.String({ examples: ['no live worker has a GPU'] }) },
        {
          description:
            'Of a queued job that cannot begin yet: why, beyond that others are before it. Absent where it can',
        },
      ),
    ),
    name: optional(
      Type.String({ description: 'A name of your own; `PATCH /jobs/:id` changes it, and not the one in `spec`' }),
    ),
    tags: Type.Record(Type.String(), Type.String(), {
      description: 'Words of your own, by name; `PATCH /jobs/:id` changes them, and not those in `spec`',
    }),
    attempt: Type.Integer({ minimum: 1, description: 'The attempt that runs or ran last, counted from 1' }),
    created_at: Time('When it was posted'),
    started_at: MaybeTime('When its first attempt began'),
    finished_at: MaybeTime('When it ended'),
    progress: Progress,
    engine: nullable(EngineInfo, { description: 'What it trains on; null until an attempt has begun' }),
    throughput: nullable(Throughput, { description: 'How fast it trained; null until it has completed' }),
    phases: Type.Array(PhaseInfo, { description: 'Its phases; empty until the trainer has planned them' }),
    n_row: optional(
      Type.Object(
        { train: Whole('Rows that train'), valid: Whole('Rows that validate') },
        { description: 'Known once the trainer has read the data set' },
      ),
    ),
    lr_find: optional(FoundRate),
    retry_of: optional(Type.String({ description: 'The job that this one does again' })),
    resumed: optional(
      Type.Array(Resumed, { description: 'Each time that it went on from a checkpoint; absent where it never did' }),
    ),
    result: nullable(JobResult, { description: 'What it has come to; null until it has completed' }),
    error: nullable(JobError, { description: 'Why it failed; null where it has not' }),
    spec: JobSpec,
  },
  { title: 'Job', description: 'A job and what has become of it' },
);
/** As the schema says. */
export type JobRecord = Static<typeof Job>;

/** The kinds of devices that workers have. */
export const DeviceKind = oneOf(['cpu', 'gpu'], { description: 'Of the device' });
/** As the schema says. */
export type DeviceKind = Static<typeof DeviceKind>;

const Cpu = () => NotNegative('Cores that are kept busy: 1.5 is one and a half');
const Memory = (description: string) => Whole(`${description}, in bytes`);

/** What a worker takes of its machine. */
export const WorkerUsage = Type.Object(
  {
    cpu: Cpu(),
    memory_bytes: Memory(
      'Resident memory of the worker, its trainers, the one that is kept warm included, and its predictor',
    ),
    cpus: Type.Integer({ minimum: 1, description: 'Cores that the worker may use' }),
    memory_total_bytes: Memory('Memory of the machine'),
    trainer: nullable(Type.Object({ cpu: Cpu(), memory_bytes: Memory('Its resident memory') }), {
      description: 'The trainer that runs a job; null where none does',
    }),
    gpu: nullable(
      Type.Object({
        memory_bytes: Memory('Memory in use on the card, by whomever'),
        memory_total_bytes: Memory('Memory of the card'),
        utilization: nullable(Share('Part of the time in which the card computed')),
      }),
      { description: 'The card, as `nvidia-smi` says, some seconds old; null for a CPU, and where nothing is known' },
    ),
  },
  {
    title: 'WorkerUsage',
    description: 'What a worker and its processes take of the machine, in the last second or two before `last_seen_at`',
  },
);
/** As the schema says. */
export type WorkerUsage = Static<typeof WorkerUsage>;

/** A live worker, as its heartbeat tells. */
export const WorkerInfo = Type.Object(
  {
    id: Type.String({ description: 'Of the worker; another one after each start' }),
    device: Type.String({ description: 'The device that it owns', examples: ['cpu', 'cuda:0'] }),
    kind: DeviceKind,
    engine: nullable(EngineInfo, { description: 'What its trainers compute with; null until the first is ready' }),
    job: nullable(Type.String(), { description: 'Id of the job that it runs' }),
    status: oneOf(['idle', 'busy', 'draining'], {
      description: '`draining`: it takes no more jobs, and finishes the one that it has',
    }),
    usage: WorkerUsage,
    last_seen_at: Time('When it last said that it lives'),
    pid: Type.Integer({ description: 'Process id on its host' }),
    host: Type.String({ description: 'Name of the machine' }),
  },
  { title: 'WorkerInfo', description: 'A process that takes jobs for one device' },
);
/** As the schema says. */
export type WorkerInfo = Static<typeof WorkerInfo>;

/** A queued job's place. */
export const QueuedJob = Type.Object(
  {
    job: Type.String({ description: 'Id of the job' }),
    position: Type.Integer({ minimum: 1, description: 'Counted from 1, which runs next' }),
    priority: Type.Integer({ description: 'As it was posted' }),
  },
  { title: 'QueuedJob' },
);

/** The queue. */
export const QueuePage = Type.Object(
  {
    paused: Type.Boolean({ description: 'Whether no worker takes a job until the queue is resumed' }),
    queued: Whole('Jobs whose status is `queued`'),
    running: Whole('Jobs whose status is `running` or `pausing`'),
    data: Type.Array(QueuedJob, { description: 'Queued jobs in the order in which they will run, as things are now' }),
  },
  { title: 'Queue', description: 'The jobs that wait for a worker' },
);
/** As the schema says. */
export type QueuePage = Static<typeof QueuePage>;
