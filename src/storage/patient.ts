/** A storage for an attempt, which can wait while the real one is away: better late than never trained. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { OnecycleError } from '../errors.js';
import type { PutOptions, Storage } from './storage.js';

const firstPauseMs = 250;
const longestPauseMs = 15_000;

/** Tries again what the storage could not do, with growing pauses. */
export class PatientStorage implements Storage {
  #awaySinceMs: number | null = null;

  /** `forMs`: how long it waits in one absence, whatever is to be done. It waits no more once `signal` is aborted. */
  constructor(
    private readonly storage: Storage,
    private readonly forMs: number,
    private readonly signal: AbortSignal,
  ) {}

  get address(): string {
    return this.storage.address;
  }

  check(): Promise<void> {
    return this.#patiently(() => this.storage.check());
  }

  checkRoom(): Promise<void> {
    return this.storage.checkRoom();
  }

  put(name: string, content: Uint8Array | { file: string }, options?: PutOptions): Promise<void> {
    return this.#patiently(() => this.storage.put(name, content, options));
  }

  get(name: string): Promise<Buffer> {
    return this.#patiently(() => this.storage.get(name));
  }

  stream(name: string, range?: { start: number; end: number }): Promise<Readable & { readonly size: number }> {
    return this.#patiently(() => this.storage.stream(name, range));
  }

  exists(name: string): Promise<boolean> {
    return this.#patiently(() => this.storage.exists(name));
  }

  path(name: string, used?: AbortSignal): Promise<string> {
    return this.#patiently(() => this.storage.path(name, used));
  }

  workFolder(name: string): Promise<string> {
    return this.storage.workFolder(name);
  }

  workPlace(name: string): string {
    return this.storage.workPlace(name);
  }

  keptFolder(name: string): Promise<string> {
    return this.storage.keptFolder(name);
  }

  workFolders(): Promise<string[]> {
    return this.storage.workFolders();
  }

  removeWorkFolder(name: string): Promise<void> {
    return this.storage.removeWorkFolder(name);
  }

  list(name: string): Promise<string[]> {
    return this.#patiently(() => this.storage.list(name));
  }

  remove(name: string): Promise<void> {
    return this.#patiently(() => this.storage.remove(name));
  }

  async #patiently<T>(act: () => Promise<T>): Promise<T> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        const answer = await act();
        this.#awaySinceMs = null;
        return answer;
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#awaySinceMs ??= performance.now();
        if (this.signal.aborted || performance.now() + pauseMs > this.#awaySinceMs + this.forMs) throw error;
        await sleep(pauseMs, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }
}

/** Whether the storage could not be reached. */
export const isAway = (error: unknown): boolean =>
  error instanceof OnecycleError && error.code === 'storage_unavailable';
