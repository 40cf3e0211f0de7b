/** A way to a server on which is noted what each connection sends in one write. */
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { scripts } from '../../src/jobs/redis/scripts/index.js';
import type { World } from './harness.js';

/** Scripts of ours by their hashes, as the server is told of them. */
export const scriptNames: ReadonlyMap<string, string> = new Map(
  Object.entries(scripts).map(([name, lua]) => [createHash('sha1').update(lua).digest('hex'), name]),
);

/** One write: our scripts by name and BullMQ's as `bullmq`, and all of it. */
export interface Write {
  scripts: string[];
  text: string;
}

/** Opens it beside the world's server: its address, and what was sent so far. */
export async function writesTo(t: TestContext, { folder, address }: World): Promise<{ path: string; writes: Write[] }> {
  const writes: Write[] = [];
  const server = createServer((client) => {
    const upstream = connect(address.path);
    client.on('data', (data: Buffer) => {
      const text = data.toString('latin1');
      const hashes = [...text.matchAll(/\r\nevalsha\r\n\$40\r\n([0-9a-f]{40})\r\n/gi)].map((match) => match[1]);
      writes.push({ scripts: hashes.map((hash) => scriptNames.get(hash) ?? 'bullmq'), text });
    });
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
    upstream.on('close', () => client.destroy()).on('error', () => client.destroy());
  });
  const path = join(folder, `proxy-${Math.random().toString(36).slice(2)}.sock`);
  server.listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  return { path, writes };
}
