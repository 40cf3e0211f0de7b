/** Reading a file's bytes, or bytes that are there already. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileContent } from './reading.js';

const chunkBytes = 2 ** 20;

/** The bytes in order, one part after another. */
export async function* bytesOf(from: FileContent, start = 0): AsyncGenerator<Uint8Array> {
  if (typeof from !== 'string') yield from.subarray(start);
  else for await (const chunk of createReadStream(from, { start, highWaterMark: chunkBytes })) yield chunk as Buffer;
}

/** The first bytes; fewer where there are fewer. */
export async function firstBytes(from: FileContent, count: number): Promise<Uint8Array> {
  if (typeof from !== 'string') return from.subarray(0, count);
  const file = await open(from);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Cuts bytes that come in parts of any length into parts of one length; the last may be shorter. */
export async function* inParts(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(length - filled, chunk.length - at);
      part.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < length) continue;
      yield part;
      part = new Uint8Array(length);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
