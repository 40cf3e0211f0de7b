/** A job's record as clients see it: what its fields mean, and the types that follow from it. No Redis here. */
import { Type, type Static, type TSchema } from 'typebox';
import { Equality } from './checkpoint.js';
import { errorCodes, type ErrorCode } from '../errors.js';
import { JobSpec, jobTypes } from '../request/spec.js';
import {
  MaybeNumber,
  MaybeTime,
  NotNegative,
  nullable,
  oneOf,
  optional,
  Share,
  Time,
  Whole,
} from '../schema/fields.js';
import { Labels } from '../schema/labels.js';
import { SuggestionName, suggestionNames } from '../schedule/index.js';
import { JobWebhook } from './webhooks/webhook.js';

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
  description: 'State of a job; `completed`, `failed` and `cancelled` are final',
});
/** As the schema says. */
export type JobStatus = Static<typeof JobStatus>;

/** Whether a job trains a model or looks for a learning rate. */
export const JobType = oneOf(jobTypes, {
  title: 'JobType',
  description: '`lr_find` for a learning-rate finder, `fit` for all other policies',
});
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
    version: Type.String({ description: 'Version of the engine' }),
    device: Type.String({ description: 'The device, such as `cpu:0`', examples: ['cpu:0', 'gpu:0'] }),
    mode: optional(
      oneOf(['compiled', 'eager'], {
        description:
          'Whether a step is compiled into one native call or runs kernel by kernel; known once an attempt has started',
      }),
    ),
    reason: optional(Type.String({ description: 'The reason why the mode is `eager`' })),
    threads: optional(
      Type.Integer({
        minimum: 1,
        description: 'Threads that the job computes with; known once an attempt has started',
      }),
    ),
  },
  { title: 'EngineInfo' },
);
/** As the schema says. */
export type EngineInfo = Static<typeof EngineInfo>;

/** A part of a run with its own frozen layers and schedules. */
export const PhaseInfo = Type.Object(
  {
    phase: Whole('Its index, from 0'),
    n_epoch: Whole('Its epochs'),
    n_iteration: Whole('Its iterations, if nothing stops it earlier'),
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
      description: 'Stable identifier, for programs',
    }),
    message: Type.String({ description: 'Description of what happened, for people' }),
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
    phase: optional(Whole('The phase in which it failed, if training had started')),
    epoch: optional(Whole('The epoch in which it failed, counted over the whole job from 0')),
    iteration: optional(Whole('The iteration at which it failed, counted over the whole job from 0')),
  },
  { title: 'JobError', description: 'Why a job failed, and where' },
);
/** As the schema says. */
export type JobError = Static<typeof JobError>;

/** How far a job is. */
export const Progress = Type.Object(
  {
    phase: Whole('The current phase'),
    epoch: Whole('Finished epochs, over all phases'),
    n_epoch: nullable(Type.Integer({ minimum: 0 }), {
      description: 'Epochs over all phases; null until the trainer has planned them',
    }),
    iteration: Whole('Finished iterations, over all phases'),
    n_iteration: nullable(Type.Integer({ minimum: 0 }), {
      description: 'Iterations over all phases; null until the trainer has planned them',
    }),
    percent: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Finished iterations in percent, over all phases; 100 for a completed job',
    }),
    estimated_finish: MaybeTime(
      'Estimated end, from the duration of steps and validation so far; null while that is unknown: ' +
        'until some steps of the attempt are measured, and while the job is not training',
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
      description: 'Milliseconds from one batch to the next: the median without the first ten batches',
    }),
    rows_per_second: Type.Number({ description: 'Training rows per second at that rate' }),
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
    train_loss: MaybeNumber('Smoothed training loss at the end'),
    valid_loss: MaybeNumber('Mean over the validation rows after the last epoch'),
    metrics: Type.Record(Type.String(), nullable(Type.Number()), {
      description: 'Metrics on the validation rows after the last epoch, by name',
    }),
    confusion_matrix: optional(
      Type.Array(Type.Array(Whole('Number of rows')), {
        description:
          'Present with the metric `confusion_matrix`: how many validation rows of each true class (one list each) were ' +
          'predicted to be of each class, after the last epoch',
      }),
    ),
    not_finite: optional(
      Type.Array(Type.String(), {
        description:
          'Present where `train_loss`, `valid_loss` or a metric is null because it is not a finite number: their names',
        examples: [['valid_loss']],
      }),
    ),
    stopped: optional(Stopped),
    suggestions: optional(
      perSuggestion(nullable(Type.Number()), 'Rates suggested by a finder; null where no suggestion can be made'),
    ),
    reasons: optional(perSuggestion(Type.String(), 'The reason for each suggestion that is null')),
  },
  {
    title: 'JobResult',
    description: 'Result of a job; `stopped`, `suggestions` and `reasons` belong to a learning-rate finder',
  },
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
  { title: 'FoundRate', description: 'The learning-rate finder that supplies the rate of a fit' },
);
/** As the schema says. */
export type FoundRate = Static<typeof FoundRate>;

/** Where an attempt went on from. */
export const Resumed = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1, description: 'The attempt that continued' }),
    from: Type.String({ description: 'Id of the checkpoint' }),
    iteration: Whole('The first iteration that it trained'),
    equality: Equality,
    damaged: optional(
      Type.Array(Type.String(), { description: 'Newer checkpoints that were skipped because they are damaged' }),
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
            'Why a queued job cannot start yet, other than jobs ahead of it. Absent if it can. A job whose worker died reads as queued, with that reason, until another worker goes on with it',
        },
      ),
    ),
    name: optional(Type.String({ description: 'A name, for people. `PATCH /jobs/:id` changes it, but not `spec`' })),
    tags: Type.Record(Type.String(), Type.String(), {
      description: 'Labels of any kind, as names with values. `PATCH /jobs/:id` changes them, but not `spec`',
    }),
    attempt: Type.Integer({ minimum: 1, description: 'The current or last attempt, counted from 1' }),
    created_at: Time('When it was posted'),
    started_at: MaybeTime('When its first attempt started'),
    finished_at: MaybeTime('When it ended'),
    progress: Progress,
    engine: nullable(EngineInfo, { description: 'What it trains on; null until an attempt has started' }),
    throughput: nullable(Throughput, { description: 'Training speed; null until the job has completed' }),
    phases: Type.Array(PhaseInfo, { description: 'Its phases; empty until the trainer has planned them' }),
    n_row: optional(
      Type.Object(
        { train: Whole('Training rows'), valid: Whole('Validation rows') },
        { description: 'Numbers of rows; present once the trainer has read the data set' },
      ),
    ),
    lr_find: optional(FoundRate),
    webhooks: optional(
      Type.Array(JobWebhook, { description: 'Who else is told of what happens to it; absent if it named none' }),
    ),
    retry_of: optional(Type.String({ description: 'The job that this one retries' })),
    resumed: optional(Type.Array(Resumed, { description: 'Every resume from a checkpoint; absent if there was none' })),
    result: nullable(JobResult, { description: 'The result; null until the job has completed' }),
    error: nullable(JobError, { description: 'Why the job failed; null if it has not' }),
    spec: JobSpec,
  },
  { title: 'Job', description: 'A job: what was asked for, its state and its result' },
);
/** As the schema says. */
export type JobRecord = Static<typeof Job>;

/** The kinds of devices that workers have. */
export const deviceKinds = ['cpu', 'gpu'] as const;

/** One of them. */
export const DeviceKind = oneOf(deviceKinds, { description: 'Kind of the device' });
/** As the schema says. */
export type DeviceKind = Static<typeof DeviceKind>;

const Cpu = () => NotNegative('CPU cores in use: 1.5 is one and a half');
const Memory = (description: string) => Whole(`${description}, in bytes`);

/** What a worker takes of its machine. */
export const WorkerUsage = Type.Object(
  {
    cpu: Cpu(),
    memory_bytes: Memory('Resident memory of the worker, its trainers (the warm one included) and its predictor'),
    cpus: Type.Integer({ minimum: 1, description: 'CPU cores available to the worker' }),
    memory_total_bytes: Memory('Memory of the machine'),
    trainer: nullable(
      Type.Object({ cpu: Cpu(), memory_bytes: Memory('Its resident memory') }, { title: 'TrainerUsage' }),
      {
        description: 'The trainers that are running a job, together; null if there is none',
      },
    ),
    gpu: nullable(
      Type.Object(
        {
          memory_bytes: Memory('Memory in use on the GPU, by any process'),
          memory_total_bytes: Memory('Memory of the GPU'),
          utilization: nullable(Share('Share of the time in which the GPU was computing, from 0 to 1')),
        },
        { title: 'GpuUsage' },
      ),
      {
        description:
          'The GPU as `nvidia-smi` reports it, up to ten seconds old; null for a CPU, or if nothing is known',
      },
    ),
  },
  {
    title: 'WorkerUsage',
    description: 'Resources that a worker and its processes use, over the last second or two before `last_seen_at`',
  },
);
/** As the schema says. */
export type WorkerUsage = Static<typeof WorkerUsage>;

/** A job that a worker is running. */
const WorkerJob = Type.Object(
  {
    job: Type.String({ description: 'Id of the job' }),
    threads: Type.Integer({ minimum: 1, description: 'Threads of the worker that it has' }),
    gpu_memory_bytes: optional(Memory('Memory of the GPU that it has; absent on a CPU, or if nothing is known')),
  },
  { title: 'WorkerJob' },
);

/** A live worker, as its heartbeat tells. */
export const WorkerInfo = Type.Object(
  {
    id: Type.String({ description: 'Id of the worker; a new one after each start' }),
    device: Type.String({ description: 'The device that it owns', examples: ['cpu', 'cuda:0'] }),
    kind: DeviceKind,
    labels: Labels('Its labels (`ONECYCLE_LABELS`), which jobs ask for with `requires`'),
    weight: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'How much it is preferred (`ONECYCLE_WEIGHT`): it takes no job while one with more is idle that could run it',
    }),
    version: nullable(Type.String(), {
      description: 'Version of onecycle that it runs; null for a version that did not say so yet',
      examples: ['0.1.0'],
    }),
    protocol: Type.Integer({
      minimum: 1,
      description: 'The job protocol that it knows. It takes no job of a higher one, which a newer API has made',
    }),
    engine: nullable(EngineInfo, { description: 'Engine of its trainers; null until the first one is ready' }),
    job: nullable(Type.String(), { description: 'Id of the job that it has been running for the longest time' }),
    jobs: Type.Array(WorkerJob, { description: 'All jobs that it is running, `job` first' }),
    threads: Type.Integer({ minimum: 1, description: 'Threads that its jobs share' }),
    slots: Type.Integer({
      minimum: 1,
      description: 'How many jobs it runs at once, if each needs one thread, or little of the GPU’s memory',
    }),
    gpu_memory_bytes: nullable(Memory('Memory of its GPU that its jobs share'), {
      description: 'Memory of its GPU that its jobs share, in bytes; null for a CPU, or if nothing is known',
    }),
    status: oneOf(['idle', 'busy', 'draining'], {
      description: '`busy`: it is running a job; `draining`: it takes no more jobs and finishes the current ones',
    }),
    usage: WorkerUsage,
    last_seen_at: Time('Time of its last heartbeat'),
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
    position: Type.Integer({ minimum: 1, description: 'Position in the queue, counted from 1; 1 runs next' }),
    priority: Type.Integer({ description: 'As it was posted' }),
  },
  { title: 'QueuedJob' },
);

const OldestSeconds = nullable(NotNegative('Age of the oldest queued job, in seconds'), {
  description: 'Null if none is queued',
});
const workerFigures = {
  workers: Whole('Live workers that could run these jobs'),
  free: Whole('Those of them that are idle: neither busy nor draining'),
};

/** What waits for workers of a kind and with some labels. */
export const LineDemand = Type.Object(
  {
    device: DeviceKind,
    requires: Labels('Labels that these jobs ask for'),
    protocol: Type.Integer({ minimum: 1, description: 'The job protocol that their worker must know' }),
    queued: Whole('Queued jobs; estimated if more than 5,000 jobs are queued'),
    oldest_seconds: OldestSeconds,
    ...workerFigures,
  },
  { title: 'LineDemand', description: 'Queued jobs that ask for the same workers, and these workers' },
);
/** As the schema says. */
export type LineDemand = Static<typeof LineDemand>;

/** What workers of one kind and with some labels have to do. */
export const Demand = Type.Object(
  {
    device: DeviceKind,
    labels: Labels('As in the request'),
    queued: Whole('Queued jobs that such a worker could run'),
    running: Whole('Jobs that such workers are running'),
    jobs: Whole(
      '`queued` and `running` together: how many such workers could be busy now, if each ran one job (`ONECYCLE_SLOTS`)',
    ),
    oldest_seconds: OldestSeconds,
    ...workerFigures,
  },
  { title: 'Demand', description: 'The work for workers of a kind, for an autoscaler' },
);
/** As the schema says. */
export type Demand = Static<typeof Demand>;

/** Which workers are meant. */
export interface DemandQuery {
  device: DeviceKind;
  labels: Labels;
}

/** The queue. */
export const QueuePage = Type.Object(
  {
    paused: Type.Boolean({ description: 'Whether the queue is paused: no worker takes a job until it is resumed' }),
    queued: Whole('Jobs whose status is `queued`'),
    running: Whole('Jobs whose status is `running` or `pausing`'),
    lines: Type.Array(LineDemand, { description: 'What waits for which workers' }),
    data: Type.Array(QueuedJob, { description: 'Queued jobs in the order in which they will currently run' }),
  },
  { title: 'Queue', description: 'The jobs waiting for a worker' },
);
/** As the schema says. */
export type QueuePage = Static<typeof QueuePage>;
