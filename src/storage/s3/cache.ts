/**
 * Artifacts that were fetched to this machine, a folder each, named by the content: what is there is whole, however
 * many processes share it. The least recently used go when there are too many bytes.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { namesIn } from '../work-folders.js';

/** What is in use says so this often, and stays for so long after it last did. */
const beatMs = 60_000;
const keptMs = 10 * 60_000;
/** A process that fetches and says nothing for so long is gone. */
const staleMs = 30_000;

/** The artifacts in one folder. */
export class Cache {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #fetching = new Map<string, Promise<void>>();
  /** How many users of this process each has. */
  readonly #used = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /**
   * The path of a file of this content, fetched where it is not there: once, however many ask. `used` is aborted when it
   * is needed no more.
   */
  async path(key: string, file: string, fetch: (to: string) => Promise<void>, used?: AbortSignal): Promise<string> {
    if (used) this.#hold(key, used);
    const path = join(this.#folder, key, file);
    if (await this.#touch(key, path)) return path;
    let fetching = this.#fetching.get(key);
    if (!fetching) {
      fetching = this.#fetch(key, path, file, fetch).finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    await fetching;
    return path;
  }

  async #fetch(key: string, path: string, file: string, fetch: (to: string) => Promise<void>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const release = await lockfile.lock(join(this.#folder, key), {
      realpath: false,
      stale: staleMs,
      retries: { forever: true, minTimeout: 20, maxTimeout: 500 },
    });
    const unfinished = join(this.#folder, `tmp-${randomUUID()}`);
    try {
      if (await this.#touch(key, path)) return;
      await mkdir(unfinished);
      await fetch(join(unfinished, file));
      await rm(join(this.#folder, key), { recursive: true, force: true });
      await rename(unfinished, join(this.#folder, key));
      await this.#trim();
    } finally {
      await rm(unfinished, { recursive: true, force: true });
      await release();
    }
  }

  /** Whether it is there; then it stays for a while. */
  async #touch(key: string, path: string): Promise<boolean> {
    const now = new Date();
    try {
      await utimes(join(this.#folder, key), now, now);
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  }

  #hold(key: string, used: AbortSignal): void {
    if (used.aborted) return;
    this.#used.set(key, (this.#used.get(key) ?? 0) + 1);
    used.addEventListener('abort', () => this.#letGo(key), { once: true });
    this.#timer ??= setInterval(() => this.#beat(), beatMs).unref();
  }

  #letGo(key: string): void {
    const users = (this.#used.get(key) ?? 1) - 1;
    if (users > 0) this.#used.set(key, users);
    else this.#used.delete(key);
    if (this.#used.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    const now = new Date();
    for (const key of this.#used.keys()) utimes(join(this.#folder, key), now, now).catch(() => undefined);
  }

  /** Removes the least recently used until the rest is small enough; never what is in use. */
  async #trim(): Promise<void> {
    const entries = await Promise.all((await namesIn(this.#folder)).map((name) => entryOf(this.#folder, name)));
    entries.sort((a, b) => a.usedMs - b.usedMs);
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries) {
      if (bytes <= this.#limitBytes) return;
      if (Date.now() - entry.usedMs < keptMs || entry.name.endsWith('.lock')) continue;
      // At once for whoever looks.
      const gone = join(this.#folder, `tmp-${randomUUID()}`);
      await rename(join(this.#folder, entry.name), gone).catch(() => undefined);
      await rm(gone, { recursive: true, force: true });
      bytes -= entry.bytes;
    }
  }
}

interface Entry {
  name: string;
  bytes: number;
  usedMs: number;
}

async function entryOf(folder: string, name: string): Promise<Entry> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  return { name, bytes: await bytesIn(path), usedMs: found?.mtimeMs ?? Date.now() };
}

/** With pictures that were unpacked beside their archive. What goes meanwhile counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const file of found)
    if (file.isFile()) bytes += (await stat(join(file.parentPath, file.name)).catch(() => null))?.size ?? 0;
  return bytes;
}
