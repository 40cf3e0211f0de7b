/** The thread that writes checkpoints, so that training waits for neither the disk nor the checksum. */
import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';

/** A file to write. Its memory comes back with the answer. */
export interface ToWrite {
  number: number;
  path: string;
  bytes: ArrayBuffer;
}

/** What became of it. `sha256`: hexadecimal. */
export type Written = { number: number; bytes: ArrayBuffer } & ({ sha256: string } | { error: string });

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
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
