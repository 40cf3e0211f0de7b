/**
 * The webhooks of one job stand in its record, in fields of the scripts' own, so that they come and go with it, and no
 * client is shown their secrets.
 */
import { randomBytes } from 'node:crypto';
import { complete, type Complete } from '../../schema/complete.js';
import { maxJobWebhooks, NewWebhook } from '../../schema/webhook.js';
import type { JobRecord } from '../record.js';
import { keys } from '../redis/keys.js';
import type { JobWebhook, StoredWebhook } from './webhook.js';

/** What a webhook is made of, with all that may be left out. */
export type SignedWebhook = Required<Complete<typeof NewWebhook>>;

/** Names of the fields. */
export const webhookFieldNames: readonly string[] = Array.from({ length: maxJobWebhooks }, (_, i) => `_webhook:${i}`);

/** What a new job's record has of its webhooks. */
export function webhookFields(
  job: string,
  tenant: string,
  now: string,
  webhooks: readonly SignedWebhook[] = [],
): Record<string, string> {
  const stored = webhooks.map(({ url, events, secret }, i): StoredWebhook => ({
    // The job and the place there: `placeOf`.
    id: `${job.replace(/^job_/, 'wh_')}_${i}`,
    object: 'webhook',
    url,
    events,
    enabled: true,
    created_at: now,
    job,
    tenant,
    secret,
  }));
  return Object.fromEntries(stored.map((webhook, i) => [webhookFieldNames[i], JSON.stringify(webhook)]));
}

/** Those that a record's hash has. */
export const webhooksIn = (hash: Partial<Record<string, string>>): StoredWebhook[] =>
  webhookFieldNames.flatMap((name) => (hash[name] === undefined ? [] : [JSON.parse(hash[name]) as StoredWebhook]));

/** A webhook as its job's record tells of it: without the secret. */
export const told = ({ id, url, events, enabled }: StoredWebhook): JobWebhook => ({ id, url, events, enabled });

/** The hash and the field that a webhook stands in. `events.ts` of the scripts says the same in Lua. */
export function placeOf(id: string): [hash: string, field: string] {
  const found = /^wh_([0-9A-Za-z]+)_(\d+)$/.exec(id);
  return found === null ? [keys.webhooks, id] : [keys.record(`job_${found[1]}`), `_webhook:${found[2]}`];
}

/** A secret as Standard Webhooks has it. */
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Fills in what a request has left out. */
export const withSecret = (webhook: NewWebhook): SignedWebhook => ({
  secret: newSecret(),
  ...complete(NewWebhook, webhook),
});

/** The record of a job that was just made, for whoever posted it: the secrets that were generated stand in it. */
export function withNewSecrets(
  record: JobRecord,
  asked: readonly NewWebhook[],
  signed: readonly SignedWebhook[],
): JobRecord {
  if (!record.webhooks) return record;
  const webhooks = record.webhooks.map((webhook, i) =>
    asked[i].secret === undefined ? { ...webhook, secret: signed[i].secret } : webhook,
  );
  return { ...record, webhooks };
}
