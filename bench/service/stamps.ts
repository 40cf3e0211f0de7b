/**
 * When each batch was done: a file that whoever trains writes, 16 bytes a batch. A callback of one's own
 * (ONECYCLE_CALLBACKS) does it in a real trainer.
 */
import { appendFileSync, readFileSync } from 'node:fs';

/** Milliseconds since 1970, with their fractions: the same clock in all processes. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** Notes that the batch of an iteration is done now. */
export const stamp = (file: string, iteration: number): void =>
  appendFileSync(file, Buffer.from(new Float64Array([iteration, nowMs()]).buffer));

/** By iteration: milliseconds since 1970. */
export function readStamps(file: string): Map<number, number> {
  const bytes = readFileSync(file);
  return new Map(
    Array.from({ length: Math.floor(bytes.length / 16) }, (_, i) => [
      bytes.readDoubleLE(16 * i),
      bytes.readDoubleLE(16 * i + 8),
    ]),
  );
}

/** What ONECYCLE_CALLBACKS looks for. */
export const callbacks = {
  stamp: {
    description: 'Notes when each batch was done',
    schema: { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
    create: ({ file }: { file: string }) => ({
      callback: {
        name: 'stamp',
        runValid: false,
        after_batch: ({ iterationsDone }: { iterationsDone: number }) => stamp(file, iterationsDone - 1),
      },
    }),
  },
};
