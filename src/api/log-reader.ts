/** A job's log as columns, read page by page, by so many requests at once as memory and processor bear. */
import type { FastifyReply } from 'fastify';
import { parseFrame, type Jobs } from '../jobs/index.js';
import type { Storage } from '../storage/index.js';
import type { Columns } from './columns.js';
import { CurveStore } from './history/curve-store.js';
import { Curves, type Part } from './history/curves.js';
import { Turns } from './history/turns.js';

/** Requests that read curves at once, and those that wait for their turn. */
const atOnce = 4;
const mostWaiting = 100;
/** A client that takes nothing for so long gives its turn to the next. */
const silentMs = 30_000;

/** What curves are read from. */
export interface Stored {
  jobs: Jobs;
  storage: Storage;
}

const turns = new WeakMap<Jobs, Turns>();

function turnsOf(jobs: Jobs): Turns {
  const known = turns.get(jobs) ?? new Turns(atOnce, mostWaiting);
  turns.set(jobs, known);
  return known;
}

/**
 * Reads a part of a job's curves. What they need on disk is there until the answer has been sent, or its client is gone;
 * others get their turn then. @throws OnecycleError `busy`, `disk_full`
 */
export async function openCurves(stored: Stored, id: string, part: Part, reply: FastifyReply): Promise<Curves> {
  const end = await turnsOf(stored.jobs).take();
  const store = new CurveStore(stored.storage);
  const close = (): void => {
    end();
    void store.close();
  };
  if (reply.raw.closed) close();
  else reply.raw.once('close', close);
  await readLog(stored.jobs, id, part.from, store);
  reply.raw.setTimeout(silentMs, () => reply.raw.destroy());
  return Curves.of(store, part);
}

/** A part of a job's curves, for what has use for all of it at once. @throws OnecycleError `busy`, `disk_full` */
export async function readColumns(stored: Stored, id: string, part: Part = {}): Promise<Columns> {
  const end = await turnsOf(stored.jobs).take();
  const store = new CurveStore(stored.storage);
  try {
    await readLog(stored.jobs, id, part.from, store);
    return await (await Curves.of(store, part)).columns();
  } finally {
    await store.close();
    end();
  }
}

/** All that is stored from `iteration` on, and some of what was before. */
async function readLog(jobs: Jobs, id: string, iteration = 0, store: CurveStore): Promise<void> {
  for await (const frames of jobs.logPages(id, await jobs.seqBefore(id, iteration)))
    await store.add(frames.map(parseFrame));
}
