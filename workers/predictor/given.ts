import { readFile } from 'node:fs/promises';
import type { Given } from '../protocol.js';

/** The bytes that came with a request. */
export const bytesOf = async (given: Given): Promise<Uint8Array> =>
  'data' in given ? given.data : await readFile(given.path);

/** The same as JSON, which the API has parsed before. */
export const jsonOf = async (given: Given): Promise<unknown> =>
  JSON.parse(Buffer.from(await bytesOf(given)).toString());
