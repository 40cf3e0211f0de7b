/** What a tenant, or one of its keys, may take of the service. */
import type { Static } from 'typebox';
import { Count, nullable, optional, strict } from './fields.js';

const limit = (description: string) =>
  optional(nullable(Count(description), { description: `${description}; null: any number` }));

/** Of each key and each tenant. */
const ofKeys = {
  requests_per_minute: limit('Requests per minute, over all API processes'),
  queued: limit('Jobs that may be queued or waiting for their finders'),
  running: limit('Jobs that may run at once; the others stay queued'),
  streams: limit('Streams that may be open at once, over all API processes'),
  stored_bytes: limit('Bytes of data sets and models'),
};

/** What a key may take. */
export const KeyLimits = strict(ofKeys, { title: 'KeyLimits', description: 'What a key may take of the service' });

/** What a tenant may take, with all its keys together. */
export const TenantLimits = strict(
  {
    ...ofKeys,
    body_bytes: limit('Bytes of the body of a request, data sets and models included'),
  },
  {
    title: 'TenantLimits',
    description: 'What a tenant may take of the service, with all its keys together',
    examples: [{ queued: 1000, running: 4 }],
  },
);

/** As the schema says; what is left out is as the configuration has it, and there not limited. */
export type TenantLimits = Static<typeof TenantLimits>;
/** As `TenantLimits`. */
export type KeyLimits = Static<typeof KeyLimits>;
