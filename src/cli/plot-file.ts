/** Plots as the server draws them, as files. */
import type { Job } from '../client/index.js';

/** What plots can be written as. */
export type PlotFormat = 'svg' | 'png';

/** Pixels per inch of a PNG: twice those of a page, for screens that have them. */
const density = 144;

/** A plot of a job. `hypers`: those to draw, of a schedule. */
export async function plotFile(
  job: Job,
  kind: 'loss' | 'sched' | 'lr-find',
  format: PlotFormat,
  hypers: string | undefined,
): Promise<Uint8Array> {
  const svg = Buffer.from(await job.plot(kind, kind === 'sched' && hypers !== undefined ? { keys: hypers } : {}));
  if (format === 'svg') return svg;
  const { default: sharp } = await import('sharp');
  // The SVG follows its viewer's theme, and a file has none: dark lines need a light ground.
  return sharp(svg, { density }).flatten({ background: 'white' }).png().toBuffer();
}
