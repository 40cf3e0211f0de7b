import { artifacts } from '../../src/jobs/artifacts.js';
import type { Storage } from '../../src/storage/index.js';
import type { UploadedFile } from '../protocol.js';

/** An uploaded file on this machine; of pictures also the list of them. */
export async function uploadedFile(storage: Storage, sha256: string, pictures: boolean): Promise<UploadedFile> {
  const file = await storage.path(artifacts.uploadFile(sha256));
  return { file, ...(pictures && { listing: await storage.path(artifacts.uploadListing(sha256)) }) };
}
