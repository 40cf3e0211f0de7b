/** What jobs are called. */
import type { JobRecord } from '../../../src/client/index.js';

/** Its name, else its id. */
export const nameOf = ({ name, id }: Pick<JobRecord, 'name' | 'id'>): string => name ?? id;
