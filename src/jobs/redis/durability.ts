/** What a server of the user's own loses when its machine loses power, as far as it says. */
import type { BaseLogger } from 'pino';
import { openRedis, type Client } from './client.js';
import { infoField } from './info.js';

/** How a server writes to disk. */
export interface Durability {
  /** Its name and version: `valkey 9.1.2`. */
  server: string;
  /** Whether it has an append-only file. */
  appendonly: boolean;
  /** The settings of these names; null where CONFIG is refused, as managed services do. */
  appendfsync: string | null;
  save: string | null;
}

/**
 * Asks the server at REDIS_URL, once it answers, and logs in a line what a power cut there can lose.
 * @returns what ends the asking.
 */
export function tellDurability(url: string, log: Pick<BaseLogger, 'info' | 'warn'>): () => void {
  const client = openRedis(url, 'patient');
  askDurability(client)
    .then((durability) => {
      const lost = loss(durability);
      const server = `The server at REDIS_URL (${durability.server})`;
      if (lost === null) log.info(`${server} flushes every write before it answers (appendfsync always).`);
      else log.warn(`${server} can lose ${lost}`);
    })
    .catch((error: unknown) => {
      if (client.status !== 'end')
        log.warn({ err: error }, 'The server at REDIS_URL does not report how it persists data.');
    })
    .finally(() => client.disconnect());
  return () => client.disconnect();
}

async function askDurability(client: Client): Promise<Durability> {
  const info = await client.info();
  const field = (name: string): string | undefined => infoField(info, name);
  return {
    server: `${field('server_name') ?? 'redis'} ${field('valkey_version') ?? field('redis_version') ?? ''}`.trim(),
    appendonly: field('aof_enabled') === '1',
    appendfsync: await setting(client, 'appendfsync'),
    save: await setting(client, 'save'),
  };
}

const setting = (client: Client, name: string): Promise<string | null> =>
  client.config('GET', name).then(
    (answer) => answer[1] ?? null,
    () => null,
  );

const mend = 'With appendonly yes and appendfsync always it would lose nothing.';
const notAsked = 'It refuses CONFIG, so its settings could not be read.';

/** What can be lost, and why; null for nothing. */
function loss({ appendonly, appendfsync, save }: Durability): string | null {
  if (!appendonly) {
    if (save === '') return `every job at a restart: it has neither an append-only file nor snapshots. ${mend}`;
    return `everything since its last snapshot: it has no append-only file. ${save === null ? notAsked : mend}`;
  }
  switch (appendfsync) {
    case 'always':
      return null;
    case 'everysec':
      return `about the last second in a power cut (appendfsync everysec). ${mend}`;
    case null:
      return `what its append-only file has not flushed, in a power cut. ${notAsked}`;
    default:
      return `half a minute or more in a power cut (appendfsync ${appendfsync}). ${mend}`;
  }
}
