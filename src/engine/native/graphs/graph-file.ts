import { createHash } from 'node:crypto';
import type { CompiledProgram } from '../tracing/compiled-program.js';

/** What of a file comes before its header: the hash of all that follows it, and the header's length. */
const hashBytes = 32;
const start = hashBytes + 4;

const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** A compiled program as the bytes of a file: a hash of the rest, a header's length, the header (JSON), the graph. */
export function encodeGraphFile({ graph, ...rest }: CompiledProgram): Buffer {
  const header = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const content = Buffer.concat([length, header, graph]);
  return Buffer.concat([hashOf(content), content]);
}

/** The reverse; null where the bytes are not those that were written. */
export function decodeGraphFile(bytes: Buffer): CompiledProgram | null {
  if (bytes.length < start || !hashOf(bytes.subarray(hashBytes)).equals(bytes.subarray(0, hashBytes))) return null;
  const end = start + bytes.readUInt32LE(hashBytes);
  const header = JSON.parse(bytes.toString('utf8', start, end)) as Omit<CompiledProgram, 'graph'>; // as it was written
  return { ...header, graph: bytes.subarray(end) };
}
