import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import type { OnProgress } from './progress.js';

/** A folder of the cache that is there whole or not at all, and how it is made. */
export interface FolderInstall {
  /** The folder that is to exist, whole or not at all. */
  target: string;
  /** Whether the target is there and whole. Asked before anything is done, and again once the lock is held. */
  isWhole: () => boolean;
  /** Fills a new, empty folder beside the target. What it throws ends the install and leaves nothing. */
  make: (folder: string, signal: AbortSignal) => Promise<void>;
  onProgress: OnProgress;
  signal?: AbortSignal | undefined;
}

/**
 * Makes a folder so that nobody ever sees it half-made: it is filled beside its place and renamed into it. One process
 * at a time holds the lock; another waits, and then finds the folder there. Being killed leaves only a temporary
 * folder, which the next install removes, and a lock that goes stale in ten seconds.
 * @returns whether it was made now, or was there.
 */
export async function installFolder({
  target,
  isWhole,
  make,
  onProgress,
  signal,
}: FolderInstall): Promise<'made' | 'present'> {
  if (isWhole()) return 'present';
  await mkdir(dirname(target), { recursive: true });
  const lost = new AbortController();
  const stop = signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]);

  const release = await lock(target, lost, onProgress, stop);
  try {
    if (isWhole()) return 'present';
    await removeLeftovers(target);
    const made = temporary(target, 'new');
    try {
      await mkdir(made);
      await make(made, stop);
      stop.throwIfAborted();
      await moveInto(made, target);
    } finally {
      await remove(made);
    }
    return 'made';
  } finally {
    if (!lost.signal.aborted) await release();
  }
}

/** Where a thing of this name may lie while it is made, or unmade. */
const temporary = (target: string, use: string): string => `${target}.tmp-${use}-${process.pid}`;

async function lock(
  target: string,
  lost: AbortController,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await lockfile.lock(target, {
        realpath: false, // the target does not exist yet
        onCompromised: (error) => lost.abort(error),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      onProgress({ step: 'wait', what: 'another install' });
      await sleep(200, undefined, { signal });
    }
  }
}

/** Only the holder of the lock makes temporary folders, so what it finds there was left by one that was cut off. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${basename(target)}.tmp-`));
  await Promise.all(left.map((name) => remove(join(folder, name))));
}

async function moveInto(made: string, target: string): Promise<void> {
  const old = temporary(target, 'old');
  await rename(target, old).catch(ignoreMissing); // a damaged one
  await rename(made, target);
  await remove(old);
}

/** The retries are for a child of an install that was killed, which may still write for a moment. */
const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 });

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
