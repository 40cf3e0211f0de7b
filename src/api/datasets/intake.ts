/** From a file that has come in to a data set. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CsvOptions } from '../../data/files/reading.js';
import { publicOf, type Profile } from '../../data/profile/schema.js';
import type { Jobs, Owner } from '../../jobs/index.js';
import { datasetId, type DatasetRecord } from '../../request/uploads/record.js';
import type { Profiler } from './profiler.js';
import type { Received } from '../receive.js';

/** What is known of an upload beside its bytes. */
export interface Labelled {
  /** null: that of the data set that is there, or its id. */
  name: string | null;
  csv: CsvOptions;
}

/**
 * Looks into a file, and stores it with what was found. Of content that is known nothing is done, unless it is to be
 * read in another way.
 * @param folder where the file lies; what is found goes there too
 * @returns the record, and whether it is new
 * @throws OnecycleError `invalid_dataset`, `unavailable`, `disk_full`, `storage_full`
 */
export async function takeIn(
  { datasets }: Pick<Jobs, 'datasets'>,
  profiler: Profiler,
  { file, folder, sha256, bytes }: Received & { file: string; folder: string },
  { name, csv }: Labelled,
  owner: Owner,
): Promise<{ record: DatasetRecord; created: boolean }> {
  const known = await datasets.ofContent(sha256, owner.tenant);
  if (known && !differs(csv, known)) return { record: known, created: false };
  const found = await profiler.profile({ file, csv, out: folder });
  const path = join(folder, 'profile.json');
  const profile = JSON.parse(await readFile(path, 'utf8')) as Profile; // by our own process
  const id = datasetId(sha256, owner.tenant);
  const record: DatasetRecord = {
    id,
    object: 'dataset',
    name: name ?? known?.name ?? id,
    created_at: known?.created_at ?? new Date().toISOString(),
    bytes,
    sha256,
    ...publicOf(profile),
  };
  const listing = found.listing && { listing: join(folder, 'listing.json') };
  const files = { file, profile: path, ...listing, thumbnails: found.thumbnails };
  const created = await datasets.store(record, files, owner);
  return { record, created };
}

/** Whether a CSV is to be read in another way than it was. */
const differs = (given: CsvOptions, { reading }: DatasetRecord): boolean =>
  Object.entries(given).some(([field, value]) => reading?.csv?.[field as keyof CsvOptions] !== value);
