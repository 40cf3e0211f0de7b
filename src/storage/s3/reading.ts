/** Reading an object to its end, also where a connection breaks in between. */
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusOf } from './errors.js';
import { within } from './client.js';

/** Times that a broken connection is made anew before reading fails, and the first pause before that. */
const resumptions = 4;
const pauseMs = 100;

/** An object, or a range of it: `end` is left out. */
export interface Wanted {
  Bucket: string;
  Key: string;
  start: number;
  end: number | null;
}

/** An object while it is read. */
export interface Reading {
  /** Bytes of the whole object. */
  size: number;
  stream: Readable;
}

/** Begins to read; null where the object ends before `start`. @throws what the SDK does; so does the stream */
export async function read(client: S3Client, wanted: Wanted): Promise<Reading | null> {
  const first = await ask(client, wanted).catch((error: unknown) => {
    if (statusOf(error) === 416) return null;
    throw error;
  });
  if (!first) return null;
  const size = sizeOf(first);
  const end = Math.min(wanted.end ?? size, size);
  const body = bodyOf(first, wanted.start);
  const resumed = async (start: number) => bodyOf(await ask(client, { ...wanted, start, end }, first.ETag), start);
  const stream = Readable.from(bytes(body, wanted.start, end, resumed), { objectMode: false });
  // What nobody has begun to read would keep its connection.
  stream.once('close', () => body.stream.destroy());
  return { size, stream };
}

/** What comes of an object, and the byte that it begins with: before the one that was asked for where ranges are ignored. */
interface Body {
  stream: Readable;
  from: number;
}

async function* bytes(
  first: Body,
  start: number,
  end: number,
  resumed: (start: number) => Promise<Body>,
): AsyncGenerator<Buffer> {
  let body: Body | null = first;
  for (let [at, broken] = [start, 0]; at < end;) {
    try {
      body ??= await resumed(at);
      let next = body.from;
      for await (const chunk of body.stream as AsyncIterable<Buffer>) {
        const wanted = chunk.subarray(Math.max(at - next, 0), Math.max(end - next, 0));
        next += chunk.length;
        at += wanted.length;
        if (wanted.length > 0) yield wanted;
        if (at >= end) return;
      }
      throw new Error(`the answer ended ${end - at} bytes early`);
    } catch (error) {
      body?.stream.destroy();
      body = null;
      if (++broken > resumptions) throw error;
      await sleep(pauseMs * 2 ** broken);
    }
  }
}

function ask(client: S3Client, { Bucket, Key, start, end }: Wanted, etag?: string): Promise<GetObjectCommandOutput> {
  const range = start === 0 && end === null ? {} : { Range: `bytes=${start}-${end === null ? '' : end - 1}` };
  // What goes on must be the same object.
  const command = new GetObjectCommand({ Bucket, Key, ...range, ...(etag !== undefined && { IfMatch: etag }) });
  return within((abortSignal) => client.send(command, { abortSignal }));
}

const sizeOf = ({ ContentRange, ContentLength }: GetObjectCommandOutput): number =>
  Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1] ?? ContentLength ?? 0);

function bodyOf({ Body, ContentRange }: GetObjectCommandOutput, start: number): Body {
  // In Node the SDK answers with a stream of Node's.
  if (Body instanceof Readable) return { stream: Body, from: ContentRange === undefined ? 0 : start };
  throw new Error('S3 answered without a body');
}
