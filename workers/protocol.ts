/**
 * The messages between a worker and its trainer, and its predictor. These know no Redis: this is all they hear and say.
 */
import type { ProcessLoad } from './process-load.js';
import type { Equality, MadeCheckpoint } from '../src/jobs/checkpoint.js';
import type { UploadedFile } from '../src/data/sources/source.js';
import type { BatchesFrame, EpochFrame } from '../src/jobs/frames.js';
import type { PredictionOutcome } from '../src/jobs/prediction.js';
import type { EngineInfo, JobError, JobResult, PhaseInfo, Throughput } from '../src/jobs/record.js';
import type { SpecFiles } from '../src/library/learner-from-spec.js';
import type { Finish } from '../src/request/body.js';
import type { JobSpec } from '../src/request/spec.js';

export type { UploadedFile, BatchesFrame, EngineInfo, EpochFrame, JobError, JobResult, MadeCheckpoint, PhaseInfo };

/** A checkpoint that an attempt may go on from. */
export interface StoredCheckpoint {
  id: string;
  path: string;
  /** Of the file, hexadecimal: one that does not match is damaged. */
  sha256: string;
}

/** Why a trainer is to stop: its checkpoints say so. */
export type StopReason = Extract<MadeCheckpoint['reason'], 'paused' | 'shutdown' | 'cancelled'>;

/** From the worker. */
export type ToTrainer =
  | {
      type: 'start';
      job: string;
      attempt: number;
      spec: JobSpec;
      /** Folder that this attempt may write its results to; the worker moves them to storage. */
      out: string;
      files: SpecFiles;
      /** What to go on from: the first that is not damaged. */
      resume: StoredCheckpoint[];
    }
  /** Makes a checkpoint before its next batch. */
  | { type: 'checkpoint'; name: string }
  /** The oldest checkpoint that it has written and not heard of is in storage, or was given up. */
  | { type: 'kept' }
  /** Leaves its schedule before its next batch, and anneals to zero over so many epochs. */
  | { type: 'finish'; cooldown: number }
  /** Makes a checkpoint before its next batch, and ends. */
  | { type: 'stop'; reason: StopReason };

/** A trainer or predictor whose event loop turns says so at least so often. */
export const aliveMs = 1000;

/** From the trainer. */
export type FromTrainer =
  | { type: 'alive'; load?: ProcessLoad }
  | { type: 'ready'; engine: EngineInfo }
  | {
      type: 'started';
      engine: EngineInfo;
      phases: PhaseInfo[];
      n_epoch: number;
      n_iteration: number;
      n_row: { train: number; valid: number };
      /** What it goes on from, by the checkpoint's id; null where it begins. */
      resumed: { from: string; phase: number; epoch: number; iteration: number; equality: Equality } | null;
      /** Checkpoints that were damaged, by their ids, and how. */
      damaged: { id: string; why: string }[];
    }
  | { type: 'frame'; frame: BatchesFrame | EpochFrame }
  /** It has left its schedule: what follows is the cooldown, which is `phase`. */
  | { type: 'finishing'; finish: Finish; phase: PhaseInfo; n_epoch: number; n_iteration: number }
  /** A checkpoint is written: the name of its file in `out`. */
  | { type: 'checkpoint'; file: string; checkpoint: MadeCheckpoint }
  /** One could not be written; the training goes on. */
  | { type: 'checkpoint_failed'; reason: MadeCheckpoint['reason']; message: string }
  | {
      type: 'completed';
      /** As the job's record has it: a finder's with its suggestions. */
      result: JobResult;
      throughput: Throughput | null;
      /** Names of the files in `out`, beside its checkpoints: `weights.safetensors`. */
      files: string[];
    }
  | { type: 'failed'; error: JobError }
  /** It was told to stop, and has. */
  | { type: 'stopped' }
  /** After its ending: nothing is left of the attempt, and another may start. */
  | { type: 'idle' }
  /** After its ending, in place of `idle`: why it takes no other attempt. It ends. */
  | { type: 'worn'; why: string };

/** Bytes that come along, or lie in a file on this machine. */
export type Given = { data: Uint8Array } | { path: string };

/** What a predictor is to compute; `model` is the file of a checkpoint, and `id` tells the answer's request. */
export type ToPredictor = { id: number; model: string } & (
  | {
      type: 'predict';
      /** JSON `{rows}` or `{x}`, or a file as it came. */
      input: Given;
      kind: 'json' | 'file';
    }
  | {
      type: 'evaluate';
      dataset: JobSpec['dataset'];
      /** The rows of an inline data set: JSON `{x, y}`. */
      rows?: Given;
      /** The file of an uploaded one. */
      uploads?: UploadedFile[];
      metrics: JobSpec['metrics'];
    }
);

/** From the predictor. */
export type FromPredictor =
  | { type: 'alive'; load?: ProcessLoad }
  | { type: 'ready' }
  /** `outcome`: what the client is answered, or why it is not. */
  | { type: 'done'; id: number; outcome: PredictionOutcome };
