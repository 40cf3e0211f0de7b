import { parseFrame, type Jobs } from '../jobs/index.js';
import { ColumnsBuilder, type Columns } from './columns.js';

const pageFrames = 1000;

/** What is stored of a job's log so far, as columns: all from `iteration` on, and some of what was before. */
export async function readColumns(jobs: Jobs, id: string, iteration = 0): Promise<Columns> {
  const builder = new ColumnsBuilder();
  for (let from = await jobs.seqBefore(id, iteration); ;) {
    const frames = await jobs.readLog(id, from, pageFrames);
    for (const frame of frames) builder.add(parseFrame(frame));
    if (frames.length < pageFrames) return builder.columns;
    from = frames.at(-1)!.seq + 1;
  }
}
