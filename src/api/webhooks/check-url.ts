/** Where webhooks may lead, looked at when one is made; each attempt at a delivery looks again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OnecycleError, type FieldProblem } from '../../errors.js';
import type { NewWebhook } from '../../schema/webhook.js';

/** Where webhooks may lead beside public addresses, and for how long a name is looked up. */
interface Allowed {
  allowed: readonly string[];
  lookupMs?: number;
}

/** What getaddrinfo says where names cannot be looked up for the moment. */
const temporary = ['EAI_AGAIN', 'EAI_FAIL', 'ETIMEDOUT'];

/**
 * Why a webhook may not have such a URL; null where it may. A name that cannot be looked up now may: deliveries look
 * again, for three days.
 */
export async function whyNotTo(url: string, { allowed, lookupMs = 5000 }: Allowed): Promise<string | null> {
  if (!URL.canParse(url)) return 'It must be a whole address, such as https://hooks.example.com/onecycle.';
  const { username, password, hostname } = new URL(url);
  if (username !== '' || password !== '') return 'It may have no user name and no password: deliveries are signed.';
  const { Addresses, AddressRefused } = await import('./address.js');
  const enough = new AbortController();
  try {
    const late = sleep(lookupMs, undefined, { signal: enough.signal });
    await Promise.race([new Addresses(allowed).check(hostname), late]);
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && temporary.includes(String(error.code))) return null;
    return `${error instanceof AddressRefused ? error.message : `${hostname} cannot be found`}.`;
  } finally {
    enough.abort();
  }
}

/** Looks at those that a job names. @throws OnecycleError `invalid_request` */
export async function checkWebhooks(webhooks: readonly NewWebhook[] = [], allowed: Allowed): Promise<void> {
  const details = await Promise.all(webhooks.map(({ url }) => whyNotTo(url, allowed)));
  const problems = details.flatMap((detail, i): FieldProblem[] =>
    detail === null ? [] : [{ pointer: `/webhooks/${i}/url`, detail }],
  );
  if (problems.length > 0)
    throw new OnecycleError('invalid_request', problems.map(({ detail }) => detail).join(' '), problems);
}
