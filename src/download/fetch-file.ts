/** A file over HTTP, pinned by its hash: what arrived before a connection broke is not asked for again. */
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { type Answer, type Get } from './http.js';
import { answered, FinalError, retry } from './retry.js';

/** What to fetch. */
export interface FileSource {
  url: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  sha256: string;
  /** Bytes that are there, and of how many; called at each piece. */
  onBytes?: (done: number, total: number | undefined) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Fetches a file to `path`, streamed to disk. A connection that breaks is taken up where it broke (RFC 9110, Range and
 * If-Range), or from the start where the server cannot do that.
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
    await retry(
      () => this.once(),
      () => this.done,
      signal,
    );
    const found = this.hash.digest('hex');
    if (found !== sha256) throw new FinalError(`its SHA-256 is ${found}, not ${sha256}`);
  }

  /** One request. Throws unless all bytes are there then. */
  private async once(): Promise<void> {
    const { url, signal } = this.source;
    const range: Record<string, string> =
      this.done > 0 && this.validator !== null ? { range: `bytes=${this.done}-`, 'if-range': this.validator } : {};
    // A compressed answer could not be taken up in its middle.
    const answer = await this.get(url, { 'accept-encoding': 'identity', ...range }, signal);
    await this.begin(answer);
    for await (const piece of answer.body ?? []) await this.take(piece as Uint8Array);
    if (this.total !== undefined && this.done !== this.total)
      throw new Error('the connection ended before the file did');
  }

  /** Looks at what the answer is: the rest of the file, or all of it. */
  private async begin(answer: Answer): Promise<void> {
    const { status, headers } = answer;
    if (status === 206 && startOf(headers.get('content-range')) === this.done) return;
    if (status !== 200) {
      await answer.body?.cancel();
      const message = `the server answered ${status}`;
      if (status !== 206 && status !== 416) throw answered(status, message);
      await this.startOver(); // a part that does not fit
      throw new Error(message);
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
    for (let written = 0; written < piece.length;) {
      const position = this.done + written;
      written += (await this.file.write(piece, written, piece.length - written, position)).bytesWritten;
    }
    this.hash.update(piece);
    this.done += piece.length;
    this.source.onBytes?.(this.done, this.total);
  }
}

/** Where a part begins: the first number of `bytes 100-199/200`. */
const startOf = (contentRange: string | null): number => Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? NaN);
