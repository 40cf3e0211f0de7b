/** What a request for a job needs to know of uploaded data sets. */
import type { Listing } from '../../data/files/pictures.js';
import type { Profile } from '../../data/profile/schema.js';
import { artifacts, type Jobs } from '../../jobs/index.js';
import { namedUploads, type Upload, type Uploads } from '../../request/uploads/upload.js';
import type { Storage } from '../../storage/index.js';

/** Reads what was found in the data sets that a request names; one that is not there is left out. */
export async function readUploads(
  { datasets }: Pick<Jobs, 'datasets'>,
  storage: Storage,
  request: { dataset: object; split?: object },
  tenant: string,
): Promise<Uploads> {
  const found = new Map<string, Upload>();
  for (const id of namedUploads(request)) {
    const record = await datasets.get(id, tenant);
    if (!record) continue;
    const { sha256, kind } = record;
    // Only the process that looked into the file writes these.
    const profile = (await read(storage, artifacts.uploadProfile(sha256, tenant))) as Profile;
    const listing = kind === 'images' ? ((await read(storage, artifacts.uploadListing(sha256))) as Listing) : null;
    found.set(id, { id, sha256, profile, listing });
  }
  return found;
}

const read = async (storage: Storage, name: string): Promise<unknown> =>
  JSON.parse(String(await storage.get(name))) as unknown;
