/** The folder that an attempt works in, and what of it is its trainer's. */
import { chmod, chown, copyFile, link, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { closeDataFolder, type ChildUser } from '../../src/child-process.js';

/** What an attempt reads and writes. */
export interface AttemptFolder {
  /** Where its trainer writes. */
  readonly out: string;
  /** The path by which the trainer reads a file. */
  lend(path: string): Promise<string>;
  /** The path of a file that the trainer has written and is done with. */
  take(name: string): Promise<string>;
}

/** `user`: whom the trainer runs as, if it is not this process's. */
export async function attemptFolder(folder: string, dataDir: string, user: ChildUser | null): Promise<AttemptFolder> {
  if (user === null)
    return { out: folder, lend: (path) => Promise.resolve(path), take: (name) => Promise.resolve(join(folder, name)) };
  await closeDataFolder(dataDir);
  return OthersFolder.make(folder, user);
}

/** One that a trainer of another user works in: it has what it is lent, and gives what it has made. */
class OthersFolder implements AttemptFolder {
  #lent = 0;

  private constructor(
    private readonly folder: string,
    private readonly user: ChildUser,
  ) {}

  static async make(folder: string, user: ChildUser): Promise<OthersFolder> {
    const made = new OthersFolder(folder, user);
    await chmod(folder, 0o711);
    for (const name of [made.#in, made.out]) await made.#give(name);
    await mkdir(made.#taken, { mode: 0o700 });
    return made;
  }

  get out(): string {
    return join(this.folder, 'out');
  }

  get #in(): string {
    return join(this.folder, 'in');
  }

  get #taken(): string {
    return join(this.folder, 'taken');
  }

  /** A link: a copy only on another disk. In a folder of its own, in which the trainer may put what it makes of it. */
  async lend(path: string): Promise<string> {
    const place = join(this.#in, String(this.#lent++));
    await this.#give(place);
    const lent = join(place, basename(path));
    await link(path, lent).catch(() => copyFile(path, lent));
    // Who may come to the file is said by the folders above each of its names.
    await chmod(lent, 0o644);
    return lent;
  }

  /** Out of the trainer's reach first; then it is looked at: a link would have this process read what it names. */
  async take(name: string): Promise<string> {
    if (basename(name) !== name) throw new Error(`The trainer named a file outside of its folder: ${name}`);
    const taken = join(this.#taken, name);
    await rename(join(this.out, name), taken);
    const found = await lstat(taken);
    if (!found.isFile() || found.nlink > 1 || found.uid !== this.user.uid) {
      await rm(taken, { recursive: true, force: true });
      throw new Error(`The trainer gave something else than a file of its own: ${name}`);
    }
    await chown(taken, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    await chmod(taken, 0o600);
    return taken;
  }

  async #give(folder: string): Promise<void> {
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, this.user.uid, this.user.gid);
  }
}
