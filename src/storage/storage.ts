import type { Readable } from 'node:stream';

/** How something is put. */
export interface PutOptions {
  /**
   * There is no other artifact of this name yet, nor ever will be: where one is there after all, it stays. So nobody
   * who was given up for dead overwrites what another has stored.
   */
  once?: boolean;
}

/** Room for artifacts, in bytes. */
export interface Space {
  freeBytes: number;
  sizeBytes: number;
}

/**
 * Where artifacts live. Names are paths with `/`, such as `jobs/job_1/weights.safetensors`. What is read was written
 * whole. Every method throws an OnecycleError `storage_unavailable` where the storage cannot be reached.
 */
export interface Storage {
  /** Its address as a message may have it: a folder, or `s3://bucket/prefix` and the server. */
  readonly address: string;
  /**
   * Looks whether artifacts can be stored, read and removed.
   * @throws OnecycleError `storage_unavailable` that says what is wrong, and where
   */
  check(): Promise<void>;
  /**
   * Stores bytes, or takes over the file at a path; whoever reads sees all of it or what was there before.
   * @throws OnecycleError `disk_full`; `conflict` where something else is there that was to be put once
   */
  put(name: string, content: Uint8Array | { file: string }, options?: PutOptions): Promise<void>;
  /** @throws OnecycleError `disk_full` where there is no room for an artifact any more, as far as can be told */
  checkRoom(): Promise<void>;
  /** The whole artifact. @throws where there is none (`ENOENT`). */
  get(name: string): Promise<Buffer>;
  /**
   * The artifact, or its bytes from `start` up to `end`, which is left out. `size` is that of the whole, in bytes.
   * @throws where there is none (`ENOENT`).
   */
  stream(name: string, range?: { start: number; end: number }): Promise<Readable & { readonly size: number }>;
  /** Whether there is such an artifact. */
  exists(name: string): Promise<boolean>;
  /**
   * A path on this machine that the artifact can be read at. What was fetched for it stays until `used` is aborted;
   * without that, for some minutes. Where there is none, this throws `ENOENT`, or reading does.
   * @throws OnecycleError `disk_full`
   */
  path(name: string, used?: AbortSignal): Promise<string>;
  /**
   * An empty folder on this machine to build artifacts in; `put` takes files from it. Whoever asked removes it.
   * @throws OnecycleError `disk_full`
   */
  workFolder(name: string): Promise<string>;
  /** The place of the work folder of a name, whether it is there or not. */
  workPlace(name: string): string;
  /**
   * A folder on this machine for what may stay unfinished for long, as uploads in parts do. It is there; whoever asked
   * tidies it. @throws OnecycleError `disk_full`
   */
  keptFolder(name: string): Promise<string>;
  /** The names of the work folders that are there, and of what else is unfinished on this machine. */
  workFolders(): Promise<string[]>;
  /** Removes one of these. It need not exist. */
  removeWorkFolder(name: string): Promise<void>;
  /** The names of what lies directly below `name/`, without that; none where nothing does. */
  list(name: string): Promise<string[]>;
  /** How much room there is; left out where there are no bounds. */
  space?(): Promise<Space>;
  /** Removes an artifact, or all whose names start with `name/`. It need not exist. */
  remove(name: string): Promise<void>;
}
