/** Why a queued job can't begin, beyond that others are before it. */
import type { DeviceKind, JobRecord, WorkerInfo } from './record.js';

const lacking: Record<DeviceKind, string> = {
  cpu: 'no live worker runs on the CPU',
  gpu: 'no live worker has a GPU',
};

/**
 * The record's `queue`: a reason where no worker that lives can run the job; undefined where one can, or the job isn't
 * queued.
 */
export function queueOf(
  { status, spec: { device } }: JobRecord,
  workers: readonly Pick<WorkerInfo, 'kind'>[],
): JobRecord['queue'] {
  if (status !== 'queued') return undefined;
  if (workers.length === 0) return { reason: 'no worker is running' };
  if (device === 'auto' || workers.some(({ kind }) => kind === device)) return undefined;
  return { reason: lacking[device] };
}
