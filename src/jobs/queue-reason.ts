/** Why a queued job can't begin, beyond that others are before it. */
import { hasLabels, labelsText } from '../schema/labels.js';
import { poolOf } from './pools.js';
import type { DeviceKind, JobRecord, WorkerInfo } from './record.js';

const lacking: Record<DeviceKind, string> = {
  cpu: 'no live worker runs on the CPU',
  gpu: 'no live worker has a GPU',
};

/** How things are in the queue. */
interface QueueState {
  workers: readonly Pick<WorkerInfo, 'kind' | 'status' | 'labels' | 'protocol'>[];
  /** Pools of jobs that have one, by id. */
  pools: ReadonlyMap<string, string>;
  paused: boolean;
  /** Ids of jobs that wait aside for their concurrency keys, or for their tenant's turn. */
  aside: ReadonlySet<string>;
}

/** The record's `queue`: what keeps the job from running; undefined where nothing does, or the job isn't queued. */
export function queueOf(job: JobRecord, state: QueueState): JobRecord['queue'] {
  if (job.status !== 'queued') return undefined;
  const reasons = [
    ...(state.paused ? ['the queue is paused'] : []),
    ...withoutWorker(job.spec.device, state.pools.get(job.id) ?? '', state.workers),
    ...(state.aside.has(job.id) ? [others(job)] : []),
  ];
  return reasons.length === 0 ? undefined : { reason: reasons.join('; ') };
}

/** What to say of a job that was running when its worker fell silent. */
export function withoutItsWorker({ id, object, type, status: _, ...rest }: JobRecord): JobRecord {
  const reason = 'the worker that ran it was not heard of for some seconds; another one goes on with it';
  const progress = { ...rest.progress, estimated_finish: null };
  return { id, object, type, status: 'queued', queue: { reason }, ...rest, progress };
}

function withoutWorker(device: JobRecord['spec']['device'], pool: string, workers: QueueState['workers']): string[] {
  if (workers.length === 0) return ['no worker is running'];
  const ofKind = workers.filter(({ kind }) => device === 'auto' || kind === device);
  if (ofKind.length === 0) return device === 'auto' ? [] : [lacking[device]];
  const { requires, protocol } = poolOf(pool);
  const where = device === 'gpu' ? ' with a GPU' : device === 'cpu' ? ' on the CPU' : '';
  const labelled = ofKind.filter(({ labels }) => hasLabels(labels, requires));
  if (labelled.length === 0) return [`no live worker${where} has ${labelsText(requires).replaceAll(',', ', ')}`];
  const able = labelled.filter((worker) => worker.protocol >= protocol);
  if (able.length === 0)
    return [`no live worker${where} knows job protocol ${protocol}: a newer API made the job, upgrade the workers`];
  return able.every(({ status }) => status === 'draining') ? ['every worker that could run it is draining'] : [];
}

const others = ({ spec: { concurrency_key, concurrency_limit } }: JobRecord): string =>
  concurrency_key === undefined
    ? 'other jobs of its tenant, or of the key that posted it, are running or next in line'
    : `other jobs with the concurrency_key '${concurrency_key}' are running or next in line, and its concurrency_limit is ` +
      String(concurrency_limit);
