/** Curves of frames, and parts of curves, without a service. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Columns } from '../../src/api/columns.js';
import { CurveStore } from '../../src/api/history/curve-store.js';
import { Curves, type Part } from '../../src/api/history/curves.js';
import { thinnedCurves } from '../../src/api/history/thinned-log.js';
import type { Frame } from '../../src/jobs/index.js';
import { storedFrame } from '../../src/jobs/log/entries.js';
import { FolderStorage } from '../../src/storage/index.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-curves-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The curves of these frames. `memoryBytes`: how much of them stays in memory. */
export async function curvesOf(frames: readonly Frame[], part: Part = {}, memoryBytes?: number): Promise<Curves> {
  const store = new CurveStore(new FolderStorage(folder), memoryBytes);
  for (let i = 0; i < frames.length; i += 100) await store.add(frames.slice(i, i + 100));
  return Curves.of(store, part);
}

/** The same, all at once. */
export const columnsOf = async (frames: readonly Frame[], part?: Part, memoryBytes?: number): Promise<Columns> =>
  (await curvesOf(frames, part, memoryBytes)).columns();

/** The same, thinned by reading a log from its end; null where it must be read as a whole. */
export async function thinnedColumnsOf(frames: readonly Frame[], part: Part): Promise<Columns | null> {
  const log = frames.map(({ type, seq: _, ...frame }, seq) => storedFrame(seq, JSON.stringify({ type, ...frame })));
  async function* pages() {
    for (let end = log.length; end > 0; end -= 7) yield await Promise.resolve(log.slice(Math.max(0, end - 7), end));
  }
  const curves = await thinnedCurves(new CurveStore(new FolderStorage(folder)), pages(), part);
  return curves && curves.columns();
}

/** Frames that say what some columns have. */
export function framesOf({ epochs, ...columns }: Columns): Frame[] {
  const told = { seq: 0, attempt: 1 };
  const rows = columns.iteration.map((iteration, i): Frame => {
    const seconds = columns.seconds[i];
    return {
      ...told,
      type: 'batches',
      phase: columns.phase[i],
      epoch: [columns.epoch[i]],
      iteration: [iteration],
      raw_loss: [columns.raw_loss[i]],
      loss: [columns.loss[i]],
      hypers: Object.fromEntries(
        Object.entries(columns.hypers).map(([name, groups]) => [name, groups.map((values) => [values[i]])]),
      ),
      ...(seconds !== null && { progress: { percent: 0, estimated_finish: null, seconds } }),
    };
  });
  return [...rows, ...epochs.map((row): Frame => ({ ...told, type: 'epoch', ...row }))];
}

/** A part of some curves. */
export const narrow = async (columns: Columns, part: Part): Promise<Columns> => {
  const { hypers, ...rest } = await columnsOf(framesOf(columns), part);
  // Of columns without a row, frames do not tell the names.
  return { ...rest, hypers: columns.iteration.length > 0 ? hypers : columns.hypers };
};
