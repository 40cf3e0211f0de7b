import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledProgram } from '../tracing/compiled-program.js';
import { decodeGraphFile, encodeGraphFile } from './graph-file.js';

/** As many as can be looked through whenever one is added. */
const maxFiles = 1000;
/** What a process was writing when it died is older than this. */
const abandonedMs = 3_600_000;

interface Entry {
  file: string;
  bytes: number;
  usedMs: number;
  temporary: boolean;
}

/**
 * Compiled programs as files of one folder, each named by its key. Many processes may use it at once: a file comes into
 * place whole, by a rename. Where a file cannot be read or written the program is compiled again, and nothing is said.
 */
export class GraphStore {
  readonly #folder: string;
  readonly #maxBytes: number;

  /** @param maxBytes of all files: beyond it, those go that were used longest ago */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** The program of a key; null if there is none, or if its file is damaged, which is then removed. */
  get(key: string): CompiledProgram | null {
    const file = this.#file(key);
    return attempt(() => {
      const program = decodeGraphFile(readFileSync(file));
      if (program === null) rmSync(file, { force: true });
      else attempt(() => utimesSync(file, new Date(), new Date())); // used last
      return program;
    });
  }

  /** Keeps a program, unless it is larger than all of them may be. */
  put(key: string, program: CompiledProgram): void {
    const bytes = encodeGraphFile(program);
    if (bytes.length > this.#maxBytes) return;
    if (this.#write(this.#file(key), bytes)) this.#prune();
  }

  /** Forgets a program. */
  remove(key: string): void {
    attempt(() => rmSync(this.#file(key), { force: true }));
  }

  /** The key that was noted for a purpose; null if there is none. */
  keyOf(purpose: string): string | null {
    const file = this.#note(purpose);
    return attempt(() => {
      const key = readFileSync(file, 'utf8');
      attempt(() => utimesSync(file, new Date(), new Date()));
      return /^[0-9a-f]{64}$/.test(key) ? key : null;
    });
  }

  /** Notes a key for a purpose. */
  setKeyOf(purpose: string, key: string): void {
    this.#write(this.#note(purpose), Buffer.from(key));
  }

  /** Writes a file that is there whole, or not at all; whether it could. */
  #write(file: string, bytes: Uint8Array): boolean {
    const temporary = `${file}.${randomUUID()}.tmp`;
    const written = attempt(() => {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(temporary, bytes, { mode: 0o600 });
      renameSync(temporary, file);
      return true;
    });
    if (!written) attempt(() => rmSync(temporary, { force: true }));
    return written === true;
  }

  #prune(): void {
    const now = Date.now();
    const entries = this.#entries().sort((a, b) => b.usedMs - a.usedMs);
    let [files, bytes] = [0, 0];
    for (const entry of entries) {
      if (entry.temporary && now - entry.usedMs < abandonedMs) continue;
      files++;
      bytes += entry.bytes;
      if (entry.temporary || files > maxFiles || bytes > this.#maxBytes)
        attempt(() => rmSync(entry.file, { force: true }));
    }
  }

  #entries(): Entry[] {
    return (attempt(() => readdirSync(this.#folder)) ?? []).flatMap((name) => {
      const file = join(this.#folder, name);
      const found = attempt(() => statSync(file)); // another process may have removed it
      return found ? [{ file, bytes: found.size, usedMs: found.mtimeMs, temporary: name.endsWith('.tmp') }] : [];
    });
  }

  #file(key: string): string {
    return join(this.#folder, `${key}.graph`);
  }

  #note(purpose: string): string {
    return join(this.#folder, `${purpose}.key`);
  }
}

/** A file that cannot be had is a program that is compiled again. */
function attempt<T>(body: () => T): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
