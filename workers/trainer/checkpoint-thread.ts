/** The thread that writes large checkpoints, so that training waits for neither the disk nor the checksum. */
import { parentPort } from 'node:worker_threads';
import { type ToWrite, writeCheckpoint } from './write-checkpoint.js';

const port = parentPort!;
let before: Promise<void> = Promise.resolve();
port.on('message', (message: ToWrite) => {
  before = before.then(async () => {
    const written = await writeCheckpoint(message);
    port.postMessage(written, [written.bytes]);
  });
});
