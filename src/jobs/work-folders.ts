/** The names of the folders that workers work in (`Storage.workFolder`), and whose they are. */
import { newToken } from './redis/keys.js';

/** Each is removed by whoever asked for it, unless it dies before. */
export const workFolders = {
  /** What an attempt's trainer writes. */
  attempt: (job: string, attempt: number) => `${job}-${attempt}`,
  /** Frames of an attempt that are too many for memory. */
  frames: (job: string, attempt: number) => `frames-${job}-${attempt}`,
  /** A file that is being uploaded, and what is found in it. */
  upload: (token: string) => `upload-${token}`,
  /** The log of an ended job while it is written; several workers may do so. */
  log: (job: string) => `log-${job}-${newToken()}`,
} as const;

/** Who a work folder is for: an attempt, a job with a log to be stored, an upload. */
export type User = { job: string; attempt: number | null } | { upload: string };

/** Who it is for; null for what has another name. */
export function userOf(folder: string): User | null {
  const upload = /^upload-(\w+)$/.exec(folder);
  if (upload) return { upload: upload[1] };
  const attempt = /^(?:frames-)?(job_\w+)-(\d+)$/.exec(folder);
  if (attempt) return { job: attempt[1], attempt: Number(attempt[2]) };
  const log = /^log-(job_\w+)-\w+$/.exec(folder);
  return log && { job: log[1], attempt: null };
}
