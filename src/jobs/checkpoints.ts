/** A job's checkpoints, as clients name them. */
import { OnecycleError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { notFound } from './cancel.js';
import type { Checkpoint } from './checkpoint.js';
import { readCheckpoints } from './redis/checkpoints.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';

/**
 * The checkpoint that `which` names: `last`, `best`, a name that a client gave (its newest), or an id; null where there
 * is none.
 */
export async function findCheckpoint(redis: Client, job: string, which: string): Promise<Checkpoint | null> {
  const checkpoints = await readCheckpoints(redis, job);
  const matches = ({ id, reason, name }: Checkpoint): boolean =>
    which === 'last' || id === which || name === which || (which === 'best' && reason === 'best');
  return checkpoints.findLast(matches) ?? null;
}

/**
 * Asks the attempt that runs for a checkpoint.
 * @throws OnecycleError `job_not_found`, `conflict` where the job does not run, or has a checkpoint of this name
 */
export async function askForCheckpoint(redis: Client, job: string, name: string): Promise<void> {
  if ((await readCheckpoints(redis, job)).some((each) => each.name === name))
    throw new OnecycleError('conflict', `Job ${job} already has a checkpoint '${name}'.`);
  const answer = await redis.askCheckpoint(2, keys.record(job), keys.log(job), name);
  if (answer === 'missing') throw notFound(job);
  if (answer !== 'asked')
    throw new OnecycleError('conflict', `Job ${job} is ${String(answer)}; only a running job can make checkpoints.`);
}

/**
 * Removes files of checkpoints that a worker stored, or was to remove, when it died. Only while no attempt runs: it
 * stores a checkpoint's file before that is known.
 */
export async function removeUnknownCheckpoints(
  storage: Storage,
  job: string,
  known: readonly { id: string }[],
): Promise<void> {
  const kept = new Set(known.map(({ id }) => artifacts.checkpoint(job, id)));
  for (const file of await storage.list(artifacts.checkpoints(job))) {
    const name = `${artifacts.checkpoints(job)}/${file}`;
    if (!kept.has(name)) await storage.remove(name);
  }
}

/** The error for a checkpoint that a job does not have. */
export const noCheckpoint = (job: string, which: string): OnecycleError =>
  new OnecycleError('checkpoint_not_found', `Job ${job} has no checkpoint '${which}'.`);
