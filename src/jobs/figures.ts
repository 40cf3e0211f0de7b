/**
 * What is counted of the service as a whole, however many processes it has: the scripts count it in Redis, in the same
 * step as what they count, so that nothing goes backwards when a worker ends. Pure.
 */
import type { DeviceKind, JobStatus, JobType } from './record.js';
import type { Space } from '../storage/storage.js';

/** Upper bounds of the buckets that values are counted in, in seconds. */
export const buckets = {
  /** Median step of a completed job. */
  step: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  /** From the queue's hands to a worker's. */
  wait: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400],
} as const;

/** How many values there were, and how many of them up to each bound. */
export interface Distribution {
  count: number;
  sum: number;
  /** Not yet added up: values between the bound before and this one. */
  buckets: ReadonlyMap<number, number>;
}

/** What workers of one kind are and take, together. */
export interface WorkerFigures {
  device: DeviceKind;
  status: Record<'idle' | 'busy' | 'draining', number>;
  cpu: number;
  memoryBytes: number;
  gpuMemoryBytes: number;
}

/** The service at one moment, and what it has done since its Redis was set up. */
export interface ServiceFigures {
  jobs: ReadonlyMap<JobStatus, number>;
  queues: { device: DeviceKind; jobs: number; oldestSeconds: number }[];
  paused: boolean;
  workers: WorkerFigures[];
  totals: Totals;
  redis: { pingSeconds: number; memoryBytes: number; maxMemoryBytes: number };
  /** Null where the storage has no bounds that it knows of. */
  space: Space | null;
  /** Deliveries that wait for another attempt, how long the oldest has, and those that were given up. */
  webhooks: { pending: number; oldestSeconds: number; dead: number };
  /** Jobs that MLflow has not got all of, and how long the one has waited that was not pushed for longest. */
  pushes: { pending: number; oldestSeconds: number };
}

/** Counts by what they are of. */
export interface Totals {
  created: { type: JobType; value: number }[];
  ended: { type: JobType; status: JobStatus; value: number }[];
  failed: { code: string; value: number }[];
  /** One entry a kind of device and each of these. */
  trained: { what: 'attempts' | 'iterations' | 'rows' | 'seconds'; device: DeviceKind; value: number }[];
  frames: number;
  deliveries: { outcome: string; value: number }[];
  pushes: { outcome: string; value: number }[];
  step: { device: DeviceKind; distribution: Distribution }[];
  wait: { device: DeviceKind; distribution: Distribution }[];
}

/** The hash that the scripts count in, whose fields are `what|of|what`, as counts. */
export function totalsOf(hash: Readonly<Record<string, string>>): Totals {
  const entries = Object.entries(hash).map(([name, value]) => ({ path: name.split('|'), value: Number(value) }));
  // The scripts write no other names.
  const of = (what: string): { path: string[]; value: number }[] =>
    entries.flatMap(({ path: [first, ...path], value }) => (first === what ? [{ path, value }] : []));
  const whats = ['attempts', 'iterations', 'rows', 'seconds'] as const;
  return {
    created: of('created').map(({ path: [type], value }) => ({ type: type as JobType, value })),
    ended: of('ended').map(({ path: [type, status], value }) => ({
      type: type as JobType,
      status: status as JobStatus,
      value,
    })),
    failed: of('failed').map(({ path: [code], value }) => ({ code, value })),
    trained: whats.flatMap((what) =>
      of(what).map(({ path: [device], value }) => ({ what, device: device as DeviceKind, value })),
    ),
    frames: of('frames')[0]?.value ?? 0,
    deliveries: of('deliveries').map(({ path: [outcome], value }) => ({ outcome, value })),
    pushes: of('pushes').map(({ path: [outcome], value }) => ({ outcome, value })),
    step: distributions(of('step')),
    wait: distributions(of('wait')),
  };
}

function distributions(entries: { path: string[]; value: number }[]) {
  const devices = [...new Set(entries.map(({ path: [device] }) => device as DeviceKind))];
  return devices.map((device) => {
    const own = new Map(entries.filter(({ path }) => path[0] === device).map(({ path, value }) => [path[1], value]));
    const bounds = [...own].flatMap(([bound, value]) => (isBound(bound) ? [[Number(bound), value] as const] : []));
    return {
      device,
      distribution: { count: own.get('count') ?? 0, sum: own.get('sum') ?? 0, buckets: new Map(bounds) },
    };
  });
}

const isBound = (name: string): boolean => name !== 'count' && name !== 'sum';
