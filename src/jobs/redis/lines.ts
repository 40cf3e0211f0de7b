/** A line is what jobs wait in: a queue for a kind of device, and for a pool (pools.ts) of its workers. */
import type { DeviceKind } from '../record.js';

/** `cpu`, or `gpu-` and a pool. `common.ts` makes it of a record. */
export type Line = DeviceKind | `${DeviceKind}-${string}`;

/** The line of a kind, and of a pool unless that is ''. */
export const lineOf = (kind: DeviceKind, pool: string | null = null): Line => (pool ? `${kind}-${pool}` : kind);

/** What a line is for. */
export const partsOf = (line: Line): { kind: DeviceKind; pool: string } => ({
  kind: line.startsWith('gpu') ? 'gpu' : 'cpu',
  pool: line.slice(line.indexOf('-') === -1 ? line.length : line.indexOf('-') + 1),
});
