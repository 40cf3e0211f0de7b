/** Results that are files: written to one, or to standard output. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from './exit-codes.js';
import { bytes } from './terminal/format.js';
import { say } from './terminal/out.js';

/** The name that the server gives a file. */
export function nameOf(response: Response, otherwise: string): string {
  const name = /filename="([^"/\\]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return name === undefined || name.startsWith('.') ? otherwise : name;
}

/**
 * Writes an answer's body to a file, whole or not at all; `-` is standard output.
 * @throws CliError where it cannot be written
 */
export async function save(response: Response, file: string): Promise<void> {
  const body = response.body ? Readable.fromWeb(response.body) : Readable.from([]);
  // Standard output stays open: more may be written.
  if (file === '-') return pipeline(body, process.stdout, { end: false });
  const partial = `${file}.part`;
  let written = 0;
  body.on('data', (part: Uint8Array) => (written += part.length));
  try {
    await pipeline(body, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof Error && 'syscall' in error) unwritable(file)(error);
    throw error;
  }
  say(`${file} (${bytes(written)})`);
}

/** @throws CliError that says why the file cannot be written */
export const unwritable =
  (file: string) =>
  (error: Error): never => {
    throw new CliError(`${file} cannot be written: ${error.message}`);
  };

/** @throws CliError where bytes would go to a terminal */
export function notToTerminal(what: string): void {
  if (process.stdout.isTTY)
    throw new CliError(`${what} is binary and not shown on a terminal: use --output FILE, or a pipe.`);
}
