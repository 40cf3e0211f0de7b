/** Plots as the server draws them, as files. */
import type { Job } from '../client/index.js';

/** What plots can be written as. */
export type PlotFormat = 'svg' | 'png';

/** A plot of a job. `hypers`: those to draw, of a schedule. */
export async function plotFile(
  job: Job,
  kind: 'loss' | 'sched' | 'lr-find',
  format: PlotFormat,
  hypers: string | undefined,
): Promise<Uint8Array> {
  const query: Record<string, string> = kind === 'sched' && hypers !== undefined ? { keys: hypers } : {};
  if (format === 'svg') return new TextEncoder().encode(await job.plot(kind, query));
  return new Uint8Array(await (await job.plotPng(kind, query)).arrayBuffer());
}
