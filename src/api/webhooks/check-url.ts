/** Where webhooks may lead, looked at when one is made; each attempt at a delivery looks again. */
import { OnecycleError, type FieldProblem } from '../../errors.js';
import type { NewWebhook } from '../../schema/webhook.js';

/** Why a webhook may not have such a URL; null where it may. `allowed`: beside public addresses. */
export async function whyNotTo(url: string, allowed: readonly string[]): Promise<string | null> {
  if (!URL.canParse(url)) return 'It must be a whole address, such as https://hooks.example.com/onecycle.';
  const { username, password, hostname } = new URL(url);
  if (username !== '' || password !== '') return 'It may have no user name and no password: deliveries are signed.';
  const { Addresses, AddressRefused } = await import('./address.js');
  try {
    await new Addresses(allowed).check(hostname);
    return null;
  } catch (error) {
    return `${error instanceof AddressRefused ? error.message : `${hostname} cannot be found`}.`;
  }
}

/** Looks at those that a job names. @throws OnecycleError `invalid_request` */
export async function checkWebhooks(webhooks: readonly NewWebhook[] = [], allowed: readonly string[]): Promise<void> {
  const details = await Promise.all(webhooks.map(({ url }) => whyNotTo(url, allowed)));
  const problems = details.flatMap((detail, i): FieldProblem[] =>
    detail === null ? [] : [{ pointer: `/webhooks/${i}/url`, detail }],
  );
  if (problems.length > 0)
    throw new OnecycleError('invalid_request', problems.map(({ detail }) => detail).join(' '), problems);
}
