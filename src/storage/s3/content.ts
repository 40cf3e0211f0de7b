/** What is put, ready to be sent: its length, and the SHA-256 by which it is checked and cached. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Bytes, or a file. */
export type Content = Uint8Array | { file: string };

/** What goes as one request; more is sent in parts. */
const partBytes = 16 * 2 ** 20;
/** S3 takes 10,000 parts. */
const maxParts = 9000;

/** Ready to be sent. */
export interface Sendable {
  bytes: number;
  /** In hex. */
  sha256: string;
  /** All of it, where it goes as one request. */
  whole: Uint8Array | null;
  /** How large a part is, where it does not. */
  partBytes: number;
}

/** Reads what a small file has; of a large one only its hash. */
export async function sendable(content: Content): Promise<Sendable> {
  if (!('file' in content)) return small(content);
  const { size } = await stat(content.file);
  if (size <= partBytes) return small(await readFile(content.file));
  const hash = createHash('sha256');
  await pipeline(createReadStream(content.file, { highWaterMark: 2 ** 20 }), hash);
  return {
    bytes: size,
    sha256: hash.digest('hex'),
    whole: null,
    partBytes: Math.max(partBytes, Math.ceil(size / maxParts)),
  };
}

const small = (whole: Uint8Array): Sendable => ({
  bytes: whole.byteLength,
  sha256: createHash('sha256').update(whole).digest('hex'),
  whole,
  partBytes,
});

/** A hash in hex as S3 writes it. */
export const inBase64 = (sha256: string): string => Buffer.from(sha256, 'hex').toString('base64');
