/** What a job's log is made of. Pure types: trainers and clients know them too. */
import type { JobError, JobStatus } from './record.js';

/** Columns of consecutive batches. Hypers: one row a parameter group. */
export interface BatchesFrame {
  type: 'batches';
  phase: number;
  epoch: number[];
  iteration: number[];
  raw_loss: number[];
  loss: number[];
  hypers: Record<string, number[][]>;
}

export interface EpochFrame {
  type: 'epoch';
  epoch: number;
  phase: number;
  train_loss: number;
  valid_loss: number | null;
  metrics: Record<string, number | null>;
  seconds: number;
}

/** A change of the job's status; `failed` says why. */
export interface StatusFrame {
  type: 'status';
  status: JobStatus;
  error?: JobError;
}

/** What follows replaces iterations from `iteration` on: an attempt that starts again. */
export interface RewindFrame {
  type: 'rewind';
  iteration: number;
}

/** A frame as it is stored: numbers that JSON lacks (NaN, Infinity) have become null. */
export type Frame = (BatchesFrame | EpochFrame | StatusFrame | RewindFrame) & { seq: number; attempt: number };

/**
 * A frame as a log hands it on: the text that is stored, so that whoever passes it on to a client neither parses nor writes JSON.
 * `parseFrame` gives the values.
 */
export interface StoredFrame {
  /** Its place in the log, counted from 0. */
  seq: number;
  type: Frame['type'];
  /** Whether nothing follows: the status frame of a job that has ended. */
  last: boolean;
  /** The whole frame as JSON, `type` first and then `seq`: `{"type":"batches","seq":12,…}`. */
  json: string;
}

/** The values of a stored frame. */
export const parseFrame = ({ json }: StoredFrame): Frame =>
  // Only the scripts and Attempt write frames.
  JSON.parse(json) as Frame;

/** What a trainer says of its progress. */
export type TrainerFrame = BatchesFrame | EpochFrame;
