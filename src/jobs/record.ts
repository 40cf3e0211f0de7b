/** A job's record as clients see it. Pure types and tables: no Redis here. */
import type { ErrorCode, FieldProblem } from '../errors.js';
import type { JobSpec, SuggestionName } from '../request/types.js';

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
export type JobStatus = (typeof jobStatuses)[number];
export type JobType = 'fit' | 'lr_find';

/** From where to where a job may go. `running → running` is a new attempt, `running → queued` a worker that shuts down. */
export const transitions: Record<JobStatus, readonly JobStatus[]> = {
  waiting: ['queued', 'failed', 'cancelled'],
  queued: ['running', 'failed', 'cancelled'],
  running: ['running', 'queued', 'pausing', 'completed', 'failed', 'cancelled'],
  pausing: ['running', 'queued', 'paused', 'completed', 'failed', 'cancelled'],
  paused: ['queued', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

/** Whether nothing follows any more. */
export const isTerminal = (status: JobStatus): boolean => transitions[status].length === 0;

export interface EngineInfo {
  name: 'tensorflow' | 'wasm';
  version: string;
  /** `cpu:0`, `gpu:0` */
  device: string;
  /** Whether a step is one native call, or kernel by kernel, and then why; unknown before an attempt has begun. */
  mode?: 'compiled' | 'eager';
  reason?: string;
}

export interface PhaseInfo {
  phase: number;
  n_epoch: number;
  n_iteration: number;
  frozen_to: number;
}

/** Why a job failed, and where. */
export interface JobError {
  code: ErrorCode;
  message: string;
  problems?: FieldProblem[];
  attempt?: number;
  /** Where it happened, if it had begun to train. */
  phase?: number;
  epoch?: number;
  iteration?: number;
}

/** Epochs and iterations that are done, of all phases together; the totals are null until the trainer has planned them. */
export interface Progress {
  phase: number;
  epoch: number;
  n_epoch: number | null;
  iteration: number;
  n_iteration: number | null;
}

export interface Throughput {
  step_ms: number;
  rows_per_second: number;
}

export interface JobResult {
  train_loss: number | null;
  valid_loss: number | null;
  metrics: Record<string, number | null>;
  /** The finder's: why its curve ends, the rates it suggests, and why it suggests none. */
  stopped?: 'num_it' | 'diverged';
  suggestions?: Partial<Record<SuggestionName, number | null>>;
  reasons?: Partial<Record<SuggestionName, string>>;
}

/** The finder that a fit took its learning rate from; `value` is null until it has suggested one. */
export interface FoundRate {
  job: string;
  suggestion: SuggestionName;
  value: number | null;
}

export interface JobRecord {
  id: string;
  object: 'job';
  type: JobType;
  status: JobStatus;
  /** Of a queued job that no live worker can run: why. */
  queue?: { reason: string };
  /** The try that runs or ran last, from 1. */
  attempt: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: Progress;
  engine: EngineInfo | null;
  throughput: Throughput | null;
  phases: PhaseInfo[];
  result: JobResult | null;
  error: JobError | null;
  spec: JobSpec;
  lr_find?: FoundRate;
  name?: string;
  tags: Record<string, string>;
  /** Rows that train and that validate, known once the trainer has read them. */
  n_row?: { train: number; valid: number };
}

/** A live worker, as its heartbeat tells. */
export interface WorkerInfo {
  id: string;
  /** `cpu`, `cuda:0` */
  device: string;
  kind: DeviceKind;
  /** null until its first trainer has loaded one. */
  engine: EngineInfo | null;
  /** What it runs now. */
  job: string | null;
  pid: number;
  host: string;
}

export type DeviceKind = 'cpu' | 'gpu';
