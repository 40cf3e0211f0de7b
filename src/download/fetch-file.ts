/** A file over HTTP, pinned by its hash: what arrived before a connection broke is not asked for again. */
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Get } from './http.js';

/** Tries in a row that bring nothing new, before it is given up; and the pause after the first, doubled each time. */
const maxTries = 5;
const firstPauseMs = 250;

/** What to fetch. */
export interface FileSource {
  url: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  sha256: string;
  /** Bytes that are there, and of how many; called at each piece. */
  onBytes?: (done: number, total: number | undefined) => void;
  signal?: AbortSignal | undefined;
}

/** An answer that further tries would not change. */
class FinalError extends Error {}

/**
 * Fetches a file to `path`, streamed to disk. A connection that breaks is taken up where it broke (RFC 9110, Range and If-Range),
 * or from the start where the server cannot do that.
 * @throws Error of a few words: what the server answered, why it could not be reached, that the bytes are others
 */
export async function fetchFile(get: Get, path: string, source: FileSource): Promise<void> {
  const file = await open(path, 'w');
  try {
    const download = new Download(get, file, source);
    await download.run();
  } finally {
    await file.close();
  }
}

class Download {
  private hash: Hash = createHash('sha256');
  private done = 0;
  private total: number | undefined;
  /** What the server calls this version of the file: its parts fit together only while that stays. */
  private validator: string | null = null;

  constructor(
    private readonly get: Get,
    private readonly file: FileHandle,
    private readonly source: FileSource,
  ) {}

  async run(): Promise<void> {
    const { signal, sha256 } = this.source;
    for (let tries = 1; ; tries++) {
      const before = this.done;
      try {
        if (await this.once()) break;
        throw new Error('the connection ended before the file did');
      } catch (error) {
        signal?.throwIfAborted();
        if (this.done > before) tries = 1;
        if (error instanceof FinalError || tries >= maxTries) throw error;
        await sleep(firstPauseMs * 2 ** (tries - 1), undefined, { signal });
      }
    }
    const found = this.hash.digest('hex');
    if (found !== sha256) throw new FinalError(`its SHA-256 is ${found}, not ${sha256}`);
  }

  /** One request: true when all bytes are there. */
  private async once(): Promise<boolean> {
    const { url, signal } = this.source;
    const range: Record<string, string> =
      this.done > 0 && this.validator !== null ? { range: `bytes=${this.done}-`, 'if-range': this.validator } : {};
    // A compressed answer could not be taken up in its middle.
    const answer = await this.get(url, { 'accept-encoding': 'identity', ...range }, signal);
    await this.begin(answer);
    for await (const piece of answer.body ?? []) await this.take(piece as Uint8Array);
    return this.total === undefined || this.done === this.total;
  }

  /** Looks at what the answer is: the rest of the file, or all of it. */
  private async begin(answer: Answer): Promise<void> {
    const { status, headers } = answer;
    if (status === 206 && startOf(headers.get('content-range')) === this.done) return;
    if (status !== 200) {
      await answer.body?.cancel();
      if (status === 206 || status === 416) await this.startOver();
      const error = `the server answers ${status}`;
      throw mayChange(status) ? new Error(error) : new FinalError(error);
    }
    await this.startOver();
    const length = headers.get('content-length');
    this.total = length === null ? undefined : Number(length);
    const etag = headers.get('etag');
    this.validator = etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
  }

  private async startOver(): Promise<void> {
    this.hash = createHash('sha256');
    this.done = 0;
    this.validator = null;
    await this.file.truncate(0);
  }

  private async take(piece: Uint8Array): Promise<void> {
    await this.file.write(piece, 0, piece.length, this.done);
    this.hash.update(piece);
    this.done += piece.length;
    this.source.onBytes?.(this.done, this.total);
  }
}

/** Where a part begins: the first number of `bytes 100-199/200`. */
const startOf = (contentRange: string | null): number => Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? NaN);

/** Whether the next try may be answered otherwise: a part that does not fit, too many requests, a server in trouble. */
const mayChange = (status: number): boolean => [206, 408, 416, 425, 429].includes(status) || status >= 500;
