/** The messages between the API and the process that looks into a file. */
import type { ErrorCode, FieldProblem } from '../../errors.js';
import type { CsvOptions } from '../files/reading.js';

/** From the API. */
export interface ToProfiler {
  file: string;
  csv: CsvOptions;
  /** Folder for what is found: `profile.json`, `listing.json`, thumbnails. */
  out: string;
}

/** From the process: a word for each file. */
export type FromProfiler =
  | { type: 'done'; listing: boolean; thumbnails: string[] }
  | { type: 'failed'; code: ErrorCode; message: string; problems: FieldProblem[] }
  /** It is our fault, not the file's. */
  | { type: 'broken'; message: string };
