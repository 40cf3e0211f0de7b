/** The logs of ended jobs go to storage, so that Redis holds little more than records however long it runs. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import type { Frame } from '../frames.js';
import { keys, newToken } from '../redis/keys.js';
import { frameOf } from './entries.js';
import type { Client } from '../redis/client.js';

const page = 1000;
/** A stored log stays in Redis as well for those who are reading it. */
const lingerSeconds = 600;
const offsetBytes = 8;

/** Stores the logs that still must be. @returns their jobs */
export async function archiveLogs(redis: Client, storage: Storage): Promise<string[]> {
  const ids = await redis.zrange(keys.unarchived, '0', '-1');
  for (const id of ids) {
    await store(redis, storage, id);
    await redis.multi().expire(keys.log(id), lingerSeconds).zrem(keys.unarchived, id).exec();
  }
  return ids;
}

async function store(redis: Client, storage: Storage, id: string): Promise<void> {
  const folder = await storage.workFolder(`log-${id}-${newToken()}`);
  try {
    const file = join(folder, 'log');
    const offsets: number[] = [0];
    await pipeline(Readable.from(lines(redis, id, offsets)), createWriteStream(file));
    const index = Buffer.alloc(offsets.length * offsetBytes);
    offsets.forEach((offset, i) => index.writeDoubleLE(offset, i * offsetBytes));
    // A log that is there has its index.
    await storage.put(artifacts.logIndex(id), index);
    await storage.put(artifacts.log(id), { file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The log's frames as lines; tells where each begins, and where the last ends. */
async function* lines(redis: Client, id: string, offsets: number[]): AsyncGenerator<Buffer> {
  for (;;) {
    const entries = await redis.xrange(keys.log(id), `${offsets.length - 1}-0`, '+', 'COUNT', page);
    if (entries.length === 0) return;
    for (const [, fields] of entries) offsets.push(offsets.at(-1)! + Buffer.byteLength(fields[1]) + 1);
    yield Buffer.from(entries.map(([, fields]) => fields[1] + '\n').join(''));
  }
}

/** Up to `count` frames of a stored log from number `from` on; none where the log is not stored. */
export async function readArchived(storage: Storage, id: string, from: number, count: number): Promise<Frame[]> {
  if (!(await storage.exists(artifacts.log(id)))) return [];
  const index = await storage.get(artifacts.logIndex(id));
  const total = index.length / offsetBytes - 1;
  if (from >= total) return [];
  const at = (frame: number): number => index.readDoubleLE(Math.min(frame, total) * offsetBytes);
  const bytes = await storage.stream(artifacts.log(id), { start: at(from), end: at(from + count) });
  const text = (await buffer(bytes)).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((json, i) => frameOf(from + i, json));
}
