/** A file on its way in: to the disk, never to memory. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OnecycleError } from '../errors.js';
import { asDiskFull } from '../storage/index.js';
import type { App } from './routes/context.js';

/** Has the bodies of a plugin's routes come as streams, whatever their type. */
export function bodiesAreFiles(app: App): void {
  app.addHook('onRoute', (route) => void (route.config = { ...route.config, bodyIsFile: true }));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
}

/** What has come in. */
export interface Received {
  /** Of its bytes, hexadecimal. */
  sha256: string;
  bytes: number;
}

/** The error for what is larger than the service takes. */
export const tooLarge = (limit: number): OnecycleError =>
  new OnecycleError(
    'body_too_large',
    `The file is larger than ${limit} bytes, the limit of this service (ONECYCLE_DATASET_LIMIT).`,
  );

/**
 * Writes what comes to a file.
 * @throws OnecycleError `body_too_large`, `disk_full`; `invalid_request` where it breaks off
 */
export async function receive(source: Readable, file: string, limit: number): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limit) throw tooLarge(limit);
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(source, measured, createWriteStream(file));
  } catch (error) {
    throw brokenOff(asDiskFull(error));
  }
  return { sha256: hash.digest('hex'), bytes };
}

function brokenOff(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(code)
    ? new OnecycleError('invalid_request', 'The upload ended before the file was complete: send it again.', [], {
        cause: error,
      })
    : error;
}

/** The same of a file that is there already. */
export async function measure(file: string): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}
