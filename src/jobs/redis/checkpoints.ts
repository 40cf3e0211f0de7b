/** A job's checkpoints in Redis: what is told of them. Their files are in storage. */
import type { Checkpoint } from '../checkpoint.js';
import type { Client } from './client.js';
import { keys } from './keys.js';

/** In the order in which they were stored. */
export async function readCheckpoints(redis: Client, job: string): Promise<Checkpoint[]> {
  return decodeCheckpoints(await redis.hvals(keys.checkpoints(job)));
}

/** The values of that hash, likewise. */
export function decodeCheckpoints(entries: readonly string[]): Checkpoint[] {
  return entries
    .map((entry) => {
      const [order, json] = entry.split(/ (.*)/s);
      // Only `addCheckpoint` writes them.
      return { order: Number(order), checkpoint: JSON.parse(json) as Checkpoint };
    })
    .sort((a, b) => a.order - b.order)
    .map(({ checkpoint }) => checkpoint);
}

/** Which of a job's checkpoints need not be kept: all but the last `keep`, the last best, and those with a name. */
function superfluous(checkpoints: readonly Checkpoint[], keep: number): Checkpoint[] {
  const best = checkpoints.findLast(({ reason }) => reason === 'best');
  return checkpoints.slice(0, -keep).filter((each) => each !== best && each.name === null);
}

/**
 * Sees to it that a checkpoint stays while a job needs it; the job need not be there yet. False where the checkpoint is
 * gone.
 */
export async function pinCheckpoint(redis: Client, job: string, checkpoint: string, by: string): Promise<boolean> {
  const names = [keys.record(job), keys.log(job), keys.checkpoints(job), keys.pins(checkpoint)];
  return (await redis.pinCheckpoint(names.length, ...names, checkpoint, by)) === 1;
}

/**
 * A job needs a checkpoint no more. Should its own job be deleted and no other need it, it is forgotten, and its file
 * is among the leftovers.
 */
export async function unpinCheckpoint(redis: Client, job: string, checkpoint: string, by: string): Promise<void> {
  await redis.unpinCheckpoint(0, job, checkpoint, by);
}

/** Forgets a job's checkpoints that need not be kept. Returns their ids: their files are to be removed. */
export async function dropSuperfluous(redis: Client, job: string, keep: number): Promise<string[]> {
  const dropped: string[] = [];
  for (const { id } of superfluous(await readCheckpoints(redis, job), keep))
    if (await dropCheckpoint(redis, job, id)) dropped.push(id);
  return dropped;
}

/** Forgets a checkpoint, unless a job needs it: then false. */
async function dropCheckpoint(redis: Client, job: string, checkpoint: string): Promise<boolean> {
  const names = [keys.record(job), keys.log(job), keys.checkpoints(job), keys.pins(checkpoint)];
  return (await redis.dropCheckpoint(names.length, ...names, checkpoint)) === 1;
}
