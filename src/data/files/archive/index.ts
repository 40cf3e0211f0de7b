/** Archives of files. */
import type { Entry } from './limits.js';
import { tarEntries } from './tar.js';
import { zipEntries } from './zip.js';

export type { Entry } from './limits.js';
export { invalidEntry } from './limits.js';

/** Formats of archives, by content. */
export type ArchiveFormat = 'zip' | 'tar' | 'tar.gz';

/** The files of an archive, one after another. @throws OnecycleError `invalid_dataset` */
export const entriesOf = (file: string, format: ArchiveFormat): AsyncGenerator<Entry> =>
  format === 'zip' ? zipEntries(file) : tarEntries(file, format === 'tar.gz');
