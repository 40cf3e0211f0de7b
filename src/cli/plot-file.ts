/** Plots as the server draws them. */
import type { Onecycle } from '../client/index.js';
import { CliError, exitCodes } from './exit-codes.js';

/** Files that plots can be. */
export type PlotFormat = 'svg' | 'png';

/** A plot of a job, drawn by the server. */
export async function savePlot(
  client: Onecycle,
  id: string,
  kind: 'loss' | 'sched' | 'lr-find',
  format: PlotFormat,
  hypers?: string,
): Promise<Uint8Array> {
  hypers;
  if (format === 'png') throw new CliError('PNG is yet to come.', exitCodes.failed);
  return new TextEncoder().encode(await (await client.jobs.get(id)).plot(kind));
}
