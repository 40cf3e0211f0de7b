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

/** From the process: that it has heard of a file, and then a word for it. */
export type FromProfiler = { type: 'begun' } | Profiled;

/** What became of a file. */
export type Profiled =
  | { type: 'done'; listing: boolean; thumbnails: string[] }
  | { type: 'failed'; code: ErrorCode; message: string; problems: FieldProblem[] }
  /** It is our fault, not the file's. */
  | { type: 'broken'; message: string };
