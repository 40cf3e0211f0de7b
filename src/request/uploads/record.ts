/** An uploaded data set as a client sees it. */
import { Type, type Static } from 'typebox';
import { profileFields } from '../../data/profile/schema.js';
import { Sha256, Time, Whole } from '../../schema/fields.js';
import { defaultTenant } from '../../schema/tenant.js';
import { sha256 } from '../hash.js';

/** The record of a data set. */
export const Dataset = Type.Object(
  {
    id: Type.String({
      description: 'Derived from the content: the same file has the same id',
      examples: ['ds_8c1f0a3b5d7e9f01a2b4'],
    }),
    object: Type.Literal('dataset'),
    name: Type.String({ description: 'Name given by `?name=`, or the file name' }),
    created_at: Time('When it was first uploaded'),
    bytes: Whole('Size of the file'),
    sha256: Sha256('The file'),
    ...profileFields,
  },
  { title: 'UploadedData', description: 'An uploaded data set and its profile' },
);
/** As the schema says. */
export type DatasetRecord = Static<typeof Dataset>;

const idCharacters = 20;

/** A tenant's own hash of a content: the content's itself for the default one. */
export const ownHash = (contentHash: string, tenant: string): string =>
  tenant === defaultTenant ? contentHash : sha256(`${tenant}:${contentHash}`);

/**
 * The id of a file's data set: by its content, so that the same bytes are one data set however often they are sent; and
 * by its tenant, whose own it is.
 */
export const datasetId = (contentHash: string, tenant = defaultTenant): string =>
  `ds_${ownHash(contentHash, tenant).slice(0, idCharacters)}`;
