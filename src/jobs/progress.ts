/** A job's progress: what is stored of it, and what follows from that. */
import type { JobStatus, Progress } from './record.js';

/** What is stored; how much of the whole that is follows from it. */
export type StoredProgress = Omit<Progress, 'percent'>;

/** RFC 3339 has years of four digits. */
const lastTimeMs = Date.UTC(9999, 11, 31);

/** Of a job that nothing is known of yet. */
export const noProgress: StoredProgress = {
  phase: 0,
  epoch: 0,
  n_epoch: null,
  iteration: 0,
  n_iteration: null,
  estimated_finish: null,
};

/** The iterations that are done in percent of all, rounded down to hundredths. */
export const percentOf = ({ iteration, n_iteration }: StoredProgress): number =>
  n_iteration ? Math.min(100, Math.floor((10_000 * iteration) / n_iteration) / 100) : 0;

/** As clients see it: what has completed is done, stopped early or not; only what runs has an end in sight. */
export const progressOf = (stored: StoredProgress, status: JobStatus): Progress => ({
  ...stored,
  percent: status === 'completed' ? 100 : percentOf(stored),
  estimated_finish: status === 'running' ? stored.estimated_finish : null,
});

/** The time in so many milliseconds; null where that is unknown, or beyond all calendars. */
export function timeAfter(ms: number | null): string | null {
  const timeMs = Date.now() + (ms ?? Infinity);
  return timeMs < lastTimeMs ? new Date(timeMs).toISOString() : null;
}
