/** A job's log as columns, read page by page, by so many requests at once as memory and processor bear. */
import type { FastifyReply } from 'fastify';
import { parseFrame, type Jobs } from '../jobs/index.js';
import type { Storage } from '../storage/index.js';
import type { Columns } from './columns.js';
import { CurveStore } from './history/curve-store.js';
import { Curves, type Part } from './history/curves.js';
import { thinnedCurves } from './history/thinned-log.js';
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
  const curves = await readCurves(stored.jobs, id, part, store);
  reply.raw.setTimeout(silentMs, () => reply.raw.destroy());
  return curves;
}

/** A part of a job's curves, for what has use for all of it at once. @throws OnecycleError `busy`, `disk_full` */
export async function readColumns(stored: Stored, id: string, part: Part = {}): Promise<Columns> {
  const end = await turnsOf(stored.jobs).take();
  const store = new CurveStore(stored.storage);
  try {
    return await (await readCurves(stored.jobs, id, part, store)).columns();
  } finally {
    await store.close();
    end();
  }
}

/** Of all that is stored from the part's first iteration on, and some of what was before. */
async function readCurves(jobs: Jobs, id: string, part: Part, store: CurveStore): Promise<Curves> {
  const first = await jobs.seqBefore(id, part.from ?? 0);
  const thinned = await thinnedCurves(store, jobs.logPagesBack(id, first), part);
  if (thinned) return thinned;
  for await (const frames of jobs.logPages(id, first)) await store.add(frames.map(parseFrame));
  return Curves.of(store, part);
}
