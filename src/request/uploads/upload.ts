/** Uploaded data sets, as far as a request looks at them. */
import type { Listing } from '../../data/files/pictures.js';
import type { Profile } from '../../data/profile/schema.js';

/** What is known of an uploaded file. */
export interface Upload {
  id: string;
  sha256: string;
  profile: Omit<Profile, 'format' | 'notes' | 'preview'>;
  /** Of images. */
  listing: Listing | null;
}

/** Those that a request names, by their ids; one that is not there does not exist. */
export type Uploads = ReadonlyMap<string, Upload>;

/** Why a target of one class is refused: its loss is 0 from the start. */
export const oneClass = 'there is nothing to learn';

/** Ids of the data sets that a request needs. */
export const namedUploads = (request: { dataset: object; split?: object }): string[] => [
  ...('id' in request.dataset && typeof request.dataset.id === 'string' ? [request.dataset.id] : []),
  ...(request.split && 'dataset' in request.split && typeof request.split.dataset === 'string'
    ? [request.split.dataset]
    : []),
];
