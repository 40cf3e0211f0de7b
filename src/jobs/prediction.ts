/** What an API process and a worker say to each other of predictions. */
import type { ErrorCode, FieldProblem } from '../errors.js';
import type { JobSpec } from '../request/spec.js';

/** Bytes that go through Redis where they are few, and through storage where they are not. */
export type Carried = { base64: string } | { stored: string };

/** What is to be computed with the model of a checkpoint. */
export type PredictionTask = { job: string; checkpoint: string } & (
  | {
      type: 'predict';
      /** JSON `{rows}` or `{x}`, or a file as it came. */
      input: Carried;
      kind: 'json' | 'file';
    }
  | {
      type: 'evaluate';
      dataset: JobSpec['dataset'];
      /** The rows of an inline data set: JSON `{x, y}`. */
      rows?: Carried;
      loss: JobSpec['loss'];
      metrics: JobSpec['metrics'];
    }
);

/** A request, as it stands in Redis. */
export interface PredictionRequest {
  id: string;
  /** The API process that asks. */
  asker: string;
  task: PredictionTask;
}

/** Why there is no answer. */
export interface PredictionError {
  code: ErrorCode;
  message: string;
  problems?: FieldProblem[];
}

/** How a request ended: `json` is what the client is answered. */
export type PredictionOutcome = { type: 'answer'; json: string } | { type: 'failed'; error: PredictionError };

/** What is larger goes through storage. */
export const maxCarriedBytes = 256 * 1024;
