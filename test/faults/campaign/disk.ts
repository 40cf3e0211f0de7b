/** A small disk that can be filled. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk in memory, mounted on a folder. */
export class SmallDisk {
  readonly #ballast: string;

  private constructor(readonly folder: string) {
    this.#ballast = join(folder, 'ballast');
  }

  /** Mounts it on an empty folder; a string says why this machine does not let us. */
  static mount(folder: string, bytes: number): SmallDisk | string {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' });
      return new SmallDisk(folder);
    } catch (error) {
      return error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : String(error);
    }
  }

  /** Leaves no byte free. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (const bytes of [1 << 20, 4096]) while (writes(file, Buffer.alloc(bytes)));
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Call it when no process uses it any more. */
  unmount(): void {
    execFileSync('umount', [this.folder]);
  }
}

/** Whether the disk took it all. */
function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
