/** What shows watched jobs while they run. */
import type { JobFrame, JobRecord } from '../../client/index.js';
import { epochTable, type EpochTable } from './epoch-table.js';
import { metricNames, type Run } from './run.js';

/** See above. A frame is in its run already when it is shown. */
export interface View {
  show(frame: JobFrame, run: Run): void;
  /** A remark that is part of no job. */
  remark(text: string): void;
  /** A job has ended. */
  ended(record: JobRecord): void;
  /** Nothing follows. */
  stop(): void;
}

/** The epochs of all runs in one table: the metrics of each have a column. */
export const tableOf = (runs: readonly Run[]): EpochTable =>
  epochTable(
    [...new Set(runs.flatMap(({ record }) => metricNames(record)))],
    runs.length > 1 ? runs.map(({ label }) => label) : [],
  );

/** What is worth a line of its own besides epochs; a terminal status is told by the summary. */
export function eventText(frame: JobFrame, { record }: Run): string | null {
  if (frame.type === 'rewind') return `continues from iteration ${frame.iteration} (attempt ${frame.attempt})`;
  if (frame.type !== 'status') return null;
  if (frame.status === 'waiting') return `waits for its finder ${record.lr_find?.job ?? ''}`.trimEnd();
  return ['running', 'queued', 'pausing', 'paused'].includes(frame.status) ? frame.status : null;
}
