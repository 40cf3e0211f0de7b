/** The thread that writes checkpoints, so that training waits for neither the disk nor the checksum. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';

/** A file to write. Its memory comes back with the answer. */
export interface ToWrite {
  number: number;
  path: string;
  bytes: ArrayBuffer;
}

/** What became of it. `sha256`: hexadecimal. */
export type Written = { number: number; bytes: ArrayBuffer } & ({ sha256: string } | { error: string });

/** Storage takes the file over once all of it is written, and flushes it then. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function answer({ number, path, bytes }: ToWrite): Promise<Written> {
  const view = new Uint8Array(bytes);
  try {
    await write(path, view);
    return { number, bytes, sha256: createHash('sha256').update(view).digest('hex') };
  } catch (error) {
    return { number, bytes, error: error instanceof Error ? error.message : String(error) };
  }
}

const port = parentPort!;
let before: Promise<void> = Promise.resolve();
port.on('message', (message: ToWrite) => {
  before = before.then(async () => {
    const written = await answer(message);
    port.postMessage(written, [written.bytes]);
  });
});
