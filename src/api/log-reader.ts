import { parseFrame, type Jobs } from '../jobs/index.js';
import { ColumnsBuilder, type Columns } from './columns.js';

const page = 1000;

/** Reads what is stored of a job's log so far. */
export async function readColumns(jobs: Jobs, id: string): Promise<Columns> {
  const builder = new ColumnsBuilder();
  for (let from = 0; ;) {
    const frames = await jobs.readLog(id, from, page);
    for (const frame of frames) builder.add(parseFrame(frame));
    if (frames.length < page) return builder.columns;
    from = frames.at(-1)!.seq + 1;
  }
}
