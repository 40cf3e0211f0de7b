/** Addresses of files that the browser fetches by itself. It cannot send a key with them: they get a ticket. */
import { apiKey } from './key.js';
import { client } from './client.js';

/** The address with what it needs to be let in, once. @throws OnecycleError */
export async function withTicket(path: string): Promise<string> {
  if (apiKey === undefined) return path;
  const { data } = await client.api.POST('/tickets');
  return data ? `${path}${path.includes('?') ? '&' : '?'}ticket=${data.ticket}` : path;
}
