/** Artifacts in a bucket of S3, Amazon's or any other that speaks it. */
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { StorageSettings } from '../../config.js';
import { OnecycleError } from '../../errors.js';
import { asDiskFull } from '../disk-full.js';
import type { PutOptions, Storage } from '../storage.js';
import { LocalFolders } from '../work-folders.js';
import { keyOf, s3Address, type S3Address } from './address.js';
import { Cache } from './cache.js';
import { s3Client, within } from './client.js';
import { inBase64, sendable, type Content } from './content.js';
import { asStorageError, isTaken, statusOf } from './errors.js';
import { read, type Reading } from './reading.js';

/** Objects that are removed at once. */
const atOnce = 16;

/** Keeps artifacts as objects; work folders, and what a path was asked for, are on this machine. */
export class S3Storage extends LocalFolders implements Storage {
  readonly address: string;
  readonly #client: S3Client;
  readonly #at: S3Address;
  readonly #cache: Cache;

  /** `folder`: of this machine's own files. */
  constructor(folder: string, url: string, settings: StorageSettings) {
    super(folder);
    this.#at = s3Address(url);
    this.#client = s3Client(settings);
    this.#cache = new Cache(join(this.root, 'cache'), settings.cacheBytes);
    this.address = settings.endpoint === null ? url : `${url} (${settings.endpoint})`;
  }

  async check(): Promise<void> {
    const name = `check-${randomUUID()}`;
    try {
      await this.put(name, Buffer.from(name));
      await this.get(name);
      await this.list('check');
    } finally {
      await this.remove(name).catch(() => undefined);
    }
  }

  put(name: string, content: Content, { once = false }: PutOptions = {}): Promise<void> {
    return this.#doing(`store ${name}`, async () => {
      const key = keyOf(this.#at, name);
      const { whole, partBytes, sha256 } = await sendable(content);
      const target = { Bucket: this.#at.bucket, Key: key, Metadata: { sha256 }, ...(once && { IfNoneMatch: '*' }) };
      try {
        if (whole || !('file' in content)) {
          const command = new PutObjectCommand({
            ...target,
            Body: whole ?? Buffer.of(),
            ChecksumSHA256: inBase64(sha256),
          });
          await within((abortSignal) => this.#client.send(command, { abortSignal }), uploadMs);
        } else {
          const params = { ...target, Body: createReadStream(content.file), ChecksumAlgorithm: 'SHA256' as const };
          await new Upload({ client: this.#client, params, partSize: partBytes }).done();
        }
      } catch (error) {
        if (!once || !isTaken(error)) throw error;
        // The same bytes may be there: of a try whose answer was lost.
        if (hashOf(await this.#head(name)) !== sha256)
          throw new OnecycleError('conflict', `There is another ${name} already at ${this.address}.`);
      }
      if ('file' in content) await rm(content.file);
    });
  }

  get(name: string): Promise<Buffer> {
    return this.#doing(`read ${name}`, async () => buffer((await this.#read(name)).stream));
  }

  async stream(name: string, range?: { start: number; end: number }): Promise<Readable & { readonly size: number }> {
    const what = `read ${name}`;
    const { stream, size } = await this.#doing(what, () => this.#read(name, range));
    // What breaks off later is an error of ours as well.
    const told = Readable.from(
      (async function* (address) {
        try {
          yield* stream as AsyncIterable<Buffer>;
        } catch (error) {
          throw asStorageError(error, what, address);
        }
      })(this.address),
      { objectMode: false },
    );
    told.once('close', () => stream.destroy());
    return Object.assign(told, { size });
  }

  exists(name: string): Promise<boolean> {
    return this.#doing(`look for ${name}`, async () => {
      try {
        await this.#head(name);
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    });
  }

  path(name: string, used?: AbortSignal): Promise<string> {
    return this.#doing(`fetch ${name}`, async () => {
      const head = await this.#head(name);
      const key = hashOf(head) ?? createHash('sha256').update(`${name} ${head.ETag}`).digest('hex');
      return this.#cache.path(key, basename(name), (to) => this.#fetch(name, to, hashOf(head)), used);
    });
  }

  list(name: string): Promise<string[]> {
    return this.#doing(`list ${name}`, async () => {
      const prefix = `${keyOf(this.#at, name)}/`;
      const names: string[] = [];
      const pages = paginateListObjectsV2(
        { client: this.#client },
        { Bucket: this.#at.bucket, Prefix: prefix, Delimiter: '/' },
      );
      for await (const { CommonPrefixes = [], Contents = [] } of pages) {
        names.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)));
        names.push(...Contents.map(({ Key = '' }) => Key.slice(prefix.length)));
      }
      return names.filter(Boolean);
    });
  }

  remove(name: string): Promise<void> {
    return this.#doing(`remove ${name}`, async () => {
      const key = keyOf(this.#at, name);
      await this.#delete([key]);
      const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#at.bucket, Prefix: `${key}/` });
      for await (const { Contents = [] } of pages) await this.#delete(Contents.map(({ Key = '' }) => Key));
    });
  }

  /** One by one: not every server removes many in a request. */
  async #delete(keys: string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += atOnce)
      await Promise.all(
        keys.slice(first, first + atOnce).map((Key) => {
          const command = new DeleteObjectCommand({ Bucket: this.#at.bucket, Key });
          return within((abortSignal) => this.#client.send(command, { abortSignal }));
        }),
      );
  }

  #head(name: string): Promise<HeadObjectCommandOutput> {
    const command = new HeadObjectCommand({ Bucket: this.#at.bucket, Key: keyOf(this.#at, name) });
    return within((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  async #read(name: string, { start, end }: { start: number; end: number | null } = all): Promise<Reading> {
    const empty = end !== null && end <= start;
    const wanted = { Bucket: this.#at.bucket, Key: keyOf(this.#at, name), start, end };
    return (
      (empty ? null : await read(this.#client, wanted)) ?? {
        size: (await this.#head(name)).ContentLength ?? 0,
        stream: Readable.from([], { objectMode: false }),
      }
    );
  }

  async #fetch(name: string, to: string, sha256: string | null): Promise<void> {
    const { stream } = await this.#read(name);
    const hash = createHash('sha256');
    stream.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(stream, createWriteStream(to));
    if (sha256 !== null && hash.digest('hex') !== sha256)
      throw new OnecycleError('storage_unavailable', `What was read of ${name} at ${this.address} is damaged.`);
  }

  /** Says what could not be done, and where. */
  async #doing<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw asStorageError(asDiskFull(error), what, this.address);
    }
  }
}

/** An upload of one request may take so long; its server's silence ends it sooner. */
const uploadMs = 60_000;
const all = { start: 0, end: null };

/** The hash that was stored with it; null where something else has put it there. */
const hashOf = ({ Metadata }: HeadObjectCommandOutput): string | null =>
  /^[0-9a-f]{64}$/.exec(Metadata?.sha256 ?? '')?.[0] ?? null;
