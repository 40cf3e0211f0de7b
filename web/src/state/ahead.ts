/** The schedule of a job that has not ended: what its hypers will be. */
import type { JobRecord, Preview, PreviewRequest } from '../../../src/client/index.js';
import { Column } from '../charts/column.js';
import { withFoundRate } from '../form/preview.js';
import { client } from './client.js';

/** The schedule is a function of the position: so many iterations show its shape. */
const mostPoints = 2000;

/** The whole schedule: columns by hyper and group, along the job's iterations. */
export interface Schedule {
  x: Column;
  hypers: ReadonlyMap<string, Column[]>;
}

/** What a job's policy will record; null where that cannot be told yet. */
export async function scheduleOf(record: JobRecord, groups: number, signal: AbortSignal): Promise<Schedule | null> {
  const { n_iteration, n_epoch } = record.progress;
  // A job that finishes early has left its policy.
  if (!n_iteration || record.type === 'lr_find' || record.spec.finish !== undefined) return null;
  const points = Math.min(n_iteration, Math.max(mostPoints, n_epoch ?? 0));
  const rate = record.lr_find?.value;
  const policy = typeof rate === 'number' ? withFoundRate<unknown>(record.spec.policy, rate) : record.spec.policy;
  const body = { policy, n_iteration: points, param_groups: groups } as PreviewRequest;
  return stretched(await client.schedules.preview(body, { signal }), n_iteration);
}

/** Puts a preview of fewer points along so many iterations. Pure. */
export function stretched({ hypers }: Pick<Preview, 'hypers'>, n_iteration: number): Schedule {
  const points = Object.values(hypers)[0]?.[0]?.length ?? 0;
  const x = Column.from(Float64Array.from({ length: points }, (_, i) => (i * n_iteration) / points));
  return {
    x,
    hypers: new Map(Object.entries(hypers).map(([name, rows]) => [name, rows.map((row) => Column.from(row))])),
  };
}

/** What of a schedule comes after an iteration. Pure. */
export function after({ x, hypers }: Schedule, iteration: number): Schedule {
  const start = x.lowerBound(iteration);
  const rest = (column: Column): Column => Column.from(column.values().subarray(start));
  return { x: rest(x), hypers: new Map([...hypers].map(([name, rows]) => [name, rows.map(rest)])) };
}
