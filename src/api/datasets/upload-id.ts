/** The id of an upload that comes in parts: it says whose it is, as nothing else is known of it but its bytes. */
import { randomBytes } from 'node:crypto';
import { defaultTenant } from '../../schema/tenant.js';

/** An id that nobody can guess. */
export const newUploadId = (tenant: string): string =>
  `${tenant === defaultTenant ? '' : `${tenant}_`}${randomBytes(16).toString('hex')}`;

/** Whose an upload is. */
export const tenantOfUpload = (id: string): string => (id.includes('_') ? id.split('_')[0] : defaultTenant);
