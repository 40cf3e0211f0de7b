/** What is known of a file, found out by reading all of it once or twice, in bounded memory. */
import { findReading, readTable } from '../files/read-table.js';
import { recognise } from '../files/recognise.js';
import type { Listing } from '../files/pictures.js';
import type { CsvOptions, TableFormat } from '../files/reading.js';
import { invalidFile } from '../files/problems.js';
import type { Profile } from './schema.js';
import { profileTable } from './table.js';

/** What is kept of a file beside its bytes. */
export interface Profiled {
  profile: Profile;
  /** Of images. */
  listing: Listing | null;
}

/**
 * Recognises a file by its content and profiles it. What only one kind of file needs is loaded for such a file: libraries
 * are large.
 * @throws OnecycleError `invalid_dataset` that says where in it what is wrong, and what would be right
 */
export async function profileFile(file: string, csv: CsvOptions = {}): Promise<Profiled> {
  const format = await recognise(file);
  if (Object.keys(csv).length > 0 && format !== 'csv')
    throw invalidFile('', `The file is ${format}: delimiter, encoding, decimal and header apply to CSV only`);
  switch (format) {
    case 'zip':
    case 'tar':
    case 'tar.gz':
      return (await import('./images.js')).profileImages(file, format);
    case 'npz':
      return { profile: await (await import('./arrays.js')).profileArrays(file), listing: null };
    default:
      return { profile: await profileOfTable(file, format, csv), listing: null };
  }
}

async function profileOfTable(file: string, format: TableFormat, csv: CsvOptions): Promise<Profile> {
  const { reading, notes } = await findReading(file, format, csv);
  const table = await profileTable(readTable(file, reading), reading);
  if (table.rows === 0) throw invalidFile('', 'The file has columns but no rows');
  return { kind: 'table', format, reading, notes, ...table };
}
