/** CSV, by csv-parse. */
import type { Format } from '../format.js';
import { readCsv } from './read.js';
import { findCsvReading } from './types.js';

/** As `Format` says. */
export const csv: Format = { find: findCsvReading, read: readCsv };
