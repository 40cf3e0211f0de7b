/** What a file of this folder says of one format of tables. */
import type { TableSource } from '../table/table.js';
import type { CsvOptions, FileContent, Reading } from './reading.js';

/** How a file is read, and what was found out on the way. */
export interface FoundReading {
  reading: Reading;
  /** In words: what was left out, and what keeps a column from being what it nearly is. */
  notes: string[];
}

/** What a file of this folder says of one format of tables. */
export interface Format {
  /** Finds out how a file is read. @throws OnecycleError `invalid_dataset` */
  find(from: FileContent, given: CsvOptions): Promise<FoundReading>;
  /** The columns of a reading that the file has. `parts` throws OnecycleError `invalid_dataset`. */
  read(from: FileContent, reading: Reading): TableSource;
}
