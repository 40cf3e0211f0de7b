/** Ways to have a write on disk before it is answered for, on the embedded server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findServer } from '../../src/valkey/find.js';
import { spread } from './numbers.js';

const value = 'x'.repeat(1000);
const set = (client: Redis, key: string): Promise<unknown> => client.set(key, value);

const ways = [
  { name: 'everysec: not on disk yet', appendfsync: 'everysec', write: set },
  { name: 'always', appendfsync: 'always', write: set },
  {
    name: 'everysec, and WAITAOF after each write',
    appendfsync: 'everysec',
    write: (client: Redis, key: string) => Promise.all([set(client, key), client.call('WAITAOF', 1, 0, 0)]),
  },
];

/** Writes of 1 kB, each client one after another. */
export interface Flushing {
  way: string;
  clients: number;
  writes_per_second: number;
  answered_ms: { median: number; p99: number };
}

/** Each way with one client, and with many. */
export async function measureFlushing(seconds: number): Promise<Flushing[]> {
  const measured: Flushing[] = [];
  for (const { name, appendfsync, write } of ways) {
    for (const clients of [1, 50])
      measured.push({ way: name, clients, ...(await measure(appendfsync, write, clients, seconds)) });
  }
  return measured;
}

async function measure(
  appendfsync: string,
  write: (client: Redis, key: string) => Promise<unknown>,
  clients: number,
  seconds: number,
): Promise<Pick<Flushing, 'writes_per_second' | 'answered_ms'>> {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-bench-'));
  const path = join(folder, 'socket');
  const settings = { port: '0', unixsocket: path, dir: folder, save: '', appendonly: 'yes', appendfsync };
  const args = Object.entries(settings).flatMap(([name, setting]) => [`--${name}`, setting]);
  const server = spawn(await findServer(folder, () => undefined), args, { stdio: 'ignore' });
  const connections = Array.from({ length: clients }, () => new Redis({ path, retryStrategy: () => 50 }));
  try {
    for (const each of connections) each.on('error', () => undefined); // until it is there
    await Promise.all(connections.map((each) => each.ping()));
    const took: number[] = [];
    const begun = performance.now();
    const client = async (connection: Redis, i: number): Promise<void> => {
      for (let n = 0, now = begun; now < begun + seconds * 1000; n++) {
        await write(connection, `${i}:${n}`);
        took.push(performance.now() - now);
        now = performance.now();
      }
    };
    await Promise.all(connections.map(client));
    return { writes_per_second: (took.length / (performance.now() - begun)) * 1000, answered_ms: spread(took) };
  } finally {
    for (const each of connections) each.disconnect();
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}
