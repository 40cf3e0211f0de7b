/** A key as clients see it, and the text of one. Pure. */
import { timingSafeEqual } from 'node:crypto';
import { customAlphabet } from 'nanoid';
import { Type, type Static } from 'typebox';
import { sha256 } from '../../request/hash.js';
import { defaulted, MaybeTime, optional, strict, Time, Whole } from '../../schema/fields.js';
import { Scope } from '../../schema/scopes.js';
import { KeyLimits } from '../../schema/limits.js';
import { TenantName } from '../../schema/tenant.js';

/** A key, without its secret. */
export const ApiKey = Type.Object(
  {
    id: Type.String({ description: 'The beginning of the key, by which it is known: `oc_` and eight characters' }),
    object: Type.Literal('key'),
    name: Type.String({ description: 'What it is for' }),
    tenant: TenantName('Whose it is'),
    scopes: Type.Array(Scope, { description: 'What it may do' }),
    created_at: Time('When it was made'),
    expires_at: MaybeTime('When it stops working; null: never'),
    limits: Type.Object(KeyLimits.properties, {
      description: 'What it may take: as it was made, else as ONECYCLE_KEY_LIMITS says',
    }),
    usage: Type.Object(
      {
        queued: Whole('Jobs that it has posted and that are queued or wait for their finders'),
        running: Whole('Jobs that it has posted and that run'),
        stored_bytes: Whole('Bytes of data sets and models that it has stored'),
      },
      { description: 'What it takes' },
    ),
  },
  { title: 'ApiKey' },
);
/** As the schema says. */
export type ApiKey = Static<typeof ApiKey>;
/** What of it is stored: its own limits, and nothing that changes. */
export type KeyRecord = Omit<ApiKey, 'usage'>;

const random = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const idLength = 'oc_'.length + 8;

/** What a new key may do, and until when. */
export const NewKey = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: 'What it is for' }),
    tenant: optional(
      TenantName('Whose jobs, data and models it works with; left out: the tenant of the key that makes it'),
    ),
    scopes: defaulted(Type.Array(Scope, { minItems: 1, uniqueItems: true, description: 'What it may do' }), [
      'read',
      'jobs',
      'data',
    ]),
    expires_at: defaulted(MaybeTime('When it stops working; null: never'), null),
    limits: optional(KeyLimits),
  },
  { title: 'NewKey', examples: [{ name: 'laptop', scopes: ['read', 'jobs', 'data', 'admin'] }] },
);
/** As the schema says. */
export type NewKey = Static<typeof NewKey>;

/** A new key: 190 bits that nobody can guess, after the id that it is listed by. */
export function newSecret(): { id: string; secret: string } {
  const id = `oc_${random(8)}`;
  return { id, secret: id + random(32) };
}

/** The id within a key's text. */
export const idOf = (secret: string): string => secret.slice(0, idLength);

/** What is stored of a key. It has enough randomness that a plain hash cannot be turned back. */
export const hashOf = sha256;

/** Whether a text is the key that a hash is of; takes as long whatever it is. */
export const isSecret = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash));
