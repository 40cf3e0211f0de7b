/** CSV, by csv-parse. */
import type { Format } from '../read-table.js';
import { readCsv } from './read.js';
import { findCsvReading } from './types.js';

/** As `Format` says. */
export const csv: Format = { find: findCsvReading, read: readCsv };
