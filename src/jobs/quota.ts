/** What is refused to a tenant that has enough. */
import { OnecycleError } from '../errors.js';

/** Whose an upload is, with which key, and how many bytes each of them may store in all; null: any number. */
export interface Owner {
  tenant: string;
  /** The id of the API key; null without. */
  key: string | null;
  bytes: { tenant: number | null; key: number | null };
}

/** As scripts are told: tenant, bytes that it may store or '', key or '', bytes that this may store or ''. */
export const ownerValues = ({ tenant, key, bytes }: Owner) =>
  [tenant, bytes.tenant ?? '', key ?? '', bytes.key ?? ''] as const;

/** The error for a file that is too much for what a tenant, or a key, may store. */
export const storageFull = (of: 'tenant' | 'key', { tenant, key }: Owner): OnecycleError =>
  new OnecycleError(
    'storage_full',
    `With this file the ${of === 'tenant' ? `tenant ${tenant}` : `key ${key ?? ''}`} would store more than it may. ` +
      'Delete data sets or models first.',
  );
