import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';

/** A file to write. Its memory comes back with the answer. */
export interface ToWrite {
  number: number;
  path: string;
  bytes: ArrayBuffer;
}

/** What became of it. `sha256`: hexadecimal. */
export type Written = { number: number; bytes: ArrayBuffer } & ({ sha256: string } | { error: string });

/** Writes a checkpoint's file. Storage takes it over once all of it is written, and flushes it then. */
export async function writeCheckpoint({ number, path, bytes }: ToWrite): Promise<Written> {
  const view = new Uint8Array(bytes);
  try {
    await writeFile(path, view);
    return { number, bytes, sha256: createHash('sha256').update(view).digest('hex') };
  } catch (error) {
    await rm(path, { force: true });
    return { number, bytes, error: error instanceof Error ? error.message : String(error) };
  }
}
