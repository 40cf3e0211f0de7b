import { artifacts } from '../../src/jobs/artifacts.js';
import type { UploadedFile } from '../protocol.js';

/** An uploaded file on this machine; of pictures also the list of them. `path`: as a storage has it. */
export async function uploadedFile(
  path: (name: string) => Promise<string>,
  sha256: string,
  pictures: boolean,
): Promise<UploadedFile> {
  const file = await path(artifacts.uploadFile(sha256));
  return { file, ...(pictures && { listing: await path(artifacts.uploadListing(sha256)) }) };
}
