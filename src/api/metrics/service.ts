/** What Prometheus is told of the service as a whole: every API process tells the same. */
import { buckets, type ServiceFigures, type Totals, type WorkerFigures } from '../../jobs/figures.js';
import type { Exposed } from './exposed.js';

const gauge = (name: string, help: string, value: number): Exposed => ({
  name: `onecycle_${name}`,
  help,
  values: { type: 'gauge', samples: [[{}, value]] },
});

/** One value for each of some things; `label` says of which. */
const each = <T>(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  things: readonly T[],
  of: (thing: T) => readonly [labels: Record<string, string>, value: number],
): Exposed => {
  const samples = things.map(of);
  // Labels that nothing has yet need no name.
  const labels = [...new Set(samples.flatMap(([labels]) => Object.keys(labels)))];
  return { name: `onecycle_${name}`, help, labels, values: { type, samples } };
};

const distributions = (name: string, help: string, kind: 'step' | 'wait', totals: Totals): Exposed => ({
  name: `onecycle_${name}`,
  help,
  labels: ['device'],
  values: {
    type: 'histogram',
    bounds: buckets[kind],
    samples: totals[kind].map(({ device, distribution }) => [{ device }, distribution]),
  },
});

/** All of them. */
export function serviceMetrics(figures: ServiceFigures): Exposed[] {
  return [
    ...queue(figures),
    ...workers(figures.workers),
    ...totals(figures.totals),
    ...stores(figures),
    ...webhooks(figures),
    ...pushes(figures),
  ];
}

const queue = ({ jobs, queues, paused }: ServiceFigures): Exposed[] => [
  each('gauge', 'jobs', 'Jobs that are kept, by status', [...jobs], ([status, count]) => [{ status }, count]),
  each('gauge', 'queue_jobs', 'Jobs in the queue, by the kind of device that they wait for', queues, (line) => [
    { device: line.device },
    line.jobs,
  ]),
  each(
    'gauge',
    'queue_oldest_age_seconds',
    'How long the oldest job has been in the queue; 0 without one',
    queues,
    (line) => [{ device: line.device }, line.oldestSeconds],
  ),
  gauge('queue_paused', '1 while the queue is paused', paused ? 1 : 0),
];

const workers = (all: readonly WorkerFigures[]): Exposed[] => [
  each(
    'gauge',
    'workers',
    'Live workers, by kind of device and state',
    all.flatMap(({ device, status }) => Object.entries(status).map(([state, count]) => ({ device, state, count }))),
    ({ device, state, count }) => [{ device, state }, count],
  ),
  each('gauge', 'workers_cpu_cores', 'CPU cores that workers and their processes keep busy', all, ({ device, cpu }) => [
    { device },
    cpu,
  ]),
  each('gauge', 'workers_memory_bytes', 'Resident memory of workers and their processes', all, (each) => [
    { device: each.device },
    each.memoryBytes,
  ]),
  each('gauge', 'workers_gpu_memory_bytes', 'Memory in use on the GPUs of workers', all, (each) => [
    { device: each.device },
    each.gpuMemoryBytes,
  ]),
];

const trainedHelp: Record<Totals['trained'][number]['what'], [name: string, help: string]> = {
  attempts: ['job_attempts_total', 'Attempts at jobs that began, by kind of device'],
  iterations: ['training_iterations_total', 'Batches that were trained'],
  rows: ['training_rows_total', 'Rows that were trained'],
  seconds: ['training_seconds_total', 'Time that jobs trained, all together'],
};

const totals = (of: Totals): Exposed[] => [
  each('counter', 'jobs_created_total', 'Jobs that were created, by type', of.created, ({ type, value }) => [
    { type },
    value,
  ]),
  each('counter', 'jobs_ended_total', 'Jobs that ended, by type and outcome', of.ended, ({ type, status, value }) => [
    { type, outcome: status },
    value,
  ]),
  each('counter', 'jobs_failed_total', 'Jobs that failed, by the code of their error', of.failed, ({ code, value }) => [
    { code },
    value,
  ]),
  ...(['attempts', 'iterations', 'rows', 'seconds'] as const).map((what) =>
    each(
      'counter',
      ...trainedHelp[what],
      of.trained.filter((entry) => entry.what === what),
      ({ device, value }) => [{ device }, value],
    ),
  ),
  each('counter', 'frames_appended_total', 'Frames of training that were appended to logs', [of.frames], (value) => [
    {},
    value,
  ]),
  distributions('job_step_seconds', 'Median step of each job that completed', 'step', of),
  distributions('job_queue_seconds', 'How long jobs were in the queue before they ran', 'wait', of),
];

const webhooks = ({
  totals: { deliveries },
  webhooks: { pending, oldestSeconds, dead },
}: ServiceFigures): Exposed[] => [
  each(
    'counter',
    'webhook_deliveries_total',
    'Attempts at deliveries, by outcome',
    deliveries,
    ({ outcome, value }) => [{ outcome }, value],
  ),
  gauge('webhook_deliveries_pending', 'Deliveries that wait for their first or next attempt', pending),
  gauge('webhook_oldest_age_seconds', 'How long the oldest of them has waited; 0 without one', oldestSeconds),
  gauge('webhook_deliveries_dead', 'Deliveries that were given up, and can be replayed', dead),
];

const pushes = ({ totals, pushes: { pending, oldestSeconds } }: ServiceFigures): Exposed[] => [
  each(
    'counter',
    'mlflow_pushes_total',
    'Jobs that were pushed to MLflow to their end or are refused there, and attempts that failed, by outcome',
    totals.pushes,
    ({ outcome, value }) => [{ outcome }, value],
  ),
  gauge('mlflow_jobs_pending', 'Jobs that MLflow has not got all of', pending),
  gauge(
    'mlflow_oldest_age_seconds',
    'How long the job has waited to be pushed that has waited for longest; 0 without one',
    oldestSeconds,
  ),
];

const stores = ({ redis, space }: ServiceFigures): Exposed[] => [
  gauge('redis_ping_seconds', 'How long Redis took to answer a PING just now', redis.pingSeconds),
  gauge('redis_memory_bytes', 'Memory that Redis uses', redis.memoryBytes),
  gauge('redis_max_memory_bytes', 'Memory that Redis may use; 0: as much as there is', redis.maxMemoryBytes),
  ...(space === null
    ? []
    : [
        gauge('storage_free_bytes', 'Room left on the disk of the data folder', space.freeBytes),
        gauge('storage_size_bytes', 'Size of the disk of the data folder', space.sizeBytes),
      ]),
];
