/** The messages between a worker and its trainer. A trainer knows no Redis: this is all it hears and says. */
import type { BatchesFrame, EpochFrame } from '../src/jobs/frames.js';
import type { EngineInfo, JobError, JobResult, PhaseInfo, Throughput } from '../src/jobs/record.js';
import type { JobSpec } from '../src/request/spec.js';

export type { BatchesFrame, EngineInfo, EpochFrame, JobError, JobResult, PhaseInfo };

/** From the worker. */
export type ToTrainer =
  | {
      type: 'start';
      job: string;
      attempt: number;
      spec: JobSpec;
      /** Folder that this attempt may write its results to; the worker moves them to storage. */
      out: string;
      files: {
        /** The inline data set (JSON `{x, y}`), where the spec has one. */
        dataset?: string;
        /** Given weights (JSON list of GivenWeight), where the spec has some. */
        weights?: string;
        /** The final state of the job to continue from (see src/learner/state.ts). */
        continue_from?: string;
      };
    }
  | { type: 'cancel' };

/** From the trainer. */
export type FromTrainer =
  | { type: 'ready'; engine: EngineInfo }
  | {
      type: 'started';
      engine: EngineInfo;
      phases: PhaseInfo[];
      n_epoch: number;
      n_iteration: number;
      n_row: { train: number; valid: number };
    }
  | { type: 'frame'; frame: BatchesFrame | EpochFrame }
  | {
      type: 'completed';
      /** As the job's record has it: a finder's with its suggestions. */
      result: JobResult;
      throughput: Throughput | null;
      /** Names of the files in `out`: `weights.safetensors`, `state.safetensors`. */
      files: string[];
    }
  | { type: 'failed'; error: JobError }
  | { type: 'cancelled'; files: string[] };
