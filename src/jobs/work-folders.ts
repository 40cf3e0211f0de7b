/** The names of the folders that workers work in (`Storage.workFolder`), and whose they are. */
import { newToken } from './redis/keys.js';

/** Each is removed by whoever asked for it, unless it dies before. */
export const workFolders = {
  /** What an attempt's trainer writes. */
  attempt: (job: string, attempt: number) => `${job}-${attempt}`,
  /** Frames of an attempt that are too many for memory. */
  frames: (job: string, attempt: number) => `frames-${job}-${attempt}`,
  /** The log of an ended job while it is written; several workers may do so. */
  log: (job: string) => `log-${job}-${newToken()}`,
  /** A model that is posted. */
  model: () => `model-${newToken()}`,
} as const;

/** The attempt, or the job with a log to be stored, that a work folder is for; null for what has another name. */
export function userOf(folder: string): { job: string; attempt: number | null } | null {
  const attempt = /^(?:frames-)?(job_\w+)-(\d+)$/.exec(folder);
  if (attempt) return { job: attempt[1], attempt: Number(attempt[2]) };
  const log = /^log-(job_\w+)-\w+$/.exec(folder);
  return log && { job: log[1], attempt: null };
}
