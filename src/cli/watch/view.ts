/** What shows watched jobs while they run. */
import type { JobFrame, JobRecord } from '../../client/index.js';
import { style } from '../terminal/style.js';
import { epochTable } from './epoch-table.js';
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

/**
 * The epochs of all runs in one table, where the metrics of each have a column: the lines that a frame adds to it, the
 * first time its head as well.
 */
export function epochRows(runs: readonly Run[]): (frame: JobFrame, run: Run) => string[] {
  const table = epochTable(
    [...new Set(runs.flatMap(({ record }) => metricNames(record)))],
    runs.length > 1 ? runs.map(({ label }) => label) : [],
  );
  let begun = false;
  return (frame, run) => {
    if (frame.type !== 'epoch' || run.isFinder) return [];
    const head = begun ? [] : [style('dim', table.head)];
    begun = true;
    return [...head, table.row(frame, run.label)];
  };
}

/** What is worth a line of its own besides epochs; a terminal status is told by the summary. */
export function eventText(frame: JobFrame, { record }: Run): string | null {
  if (frame.type === 'rewind') return `continues from iteration ${frame.iteration} (attempt ${frame.attempt})`;
  if (frame.type !== 'status') return null;
  if (frame.status === 'waiting') return `waits for its finder ${record.lr_find?.job ?? ''}`.trimEnd();
  return ['running', 'queued', 'pausing', 'paused'].includes(frame.status) ? frame.status : null;
}
