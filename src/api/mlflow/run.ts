/** A job's record as a run of MLflow: its name, tags, parameters and status. Pure. */
import type { JobRecord, JobStatus } from '../../jobs/index.js';
import { jobTag, limits, type KeyValue, type Metric, type NewRun, type RunStatus } from './client.js';
import { nameOf } from './points.js';

/** What of a spec are parameters: what shapes training, and nothing of who is told of it, or where it runs. */
const shaping = [
  'policy',
  'dataset',
  'model',
  'optimizer',
  'split',
  'callbacks',
  'continue_from',
  'weights',
  'batch_size',
  'shuffle',
  'drop_last',
  'seed',
  'loss',
  'metrics',
  'train_bn',
  'wd_bn_bias',
  'freeze_to',
] as const satisfies readonly (keyof JobRecord['spec'])[];

/** The run that a job gets. */
export const newRun = (record: JobRecord, tenant: string): NewRun => ({
  run_name: record.name ?? record.id,
  start_time: startMs(record),
  tags: tagsOf(record, tenant).slice(0, limits.tags),
});

/** When its first attempt started, in milliseconds since 1970; when it was posted, if none has. */
export const startMs = ({ started_at, created_at }: JobRecord): number => Date.parse(started_at ?? created_at);

/** First those that say which job it is, then the job's own under their names. */
function tagsOf({ id, type, tags, retry_of, lr_find, spec: { device } }: JobRecord, tenant: string): KeyValue[] {
  const ours = {
    [jobTag]: id,
    'onecycle.type': type,
    'onecycle.tenant': tenant,
    'onecycle.device': device,
    'onecycle.retry_of': retry_of,
    'onecycle.lr_find': lr_find?.job,
    'mlflow.source.name': 'onecycle',
  };
  const own = Object.fromEntries(Object.entries(tags).map(([name, value]) => [nameOf(name), value]));
  return pairs({ ...ours, ...own, ...ours });
}

/** The spec, flat: `policy.lr_max`. Lists are JSON; what is long is cut. */
export function paramsOf({ spec }: JobRecord): KeyValue[] {
  const found: Record<string, string> = {};
  for (const name of shaping) if (spec[name] !== undefined) flatten(name, spec[name], found);
  return pairs(found);
}

function flatten(name: string, value: unknown, into: Record<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    into[nameOf(name)] = typeof value === 'string' ? value : JSON.stringify(value);
    return;
  }
  for (const [field, each] of Object.entries(value)) if (each !== undefined) flatten(`${name}.${field}`, each, into);
}

const statuses: Partial<Record<JobStatus, RunStatus>> = {
  running: 'RUNNING',
  pausing: 'RUNNING',
  completed: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
};

/** What a job's status is there; one that waits or is paused is scheduled. */
export const statusOf = (status: JobStatus): RunStatus => statuses[status] ?? 'SCHEDULED';

/** What its end adds: a finder's suggestions, the error, where attempts went on. */
export function endOf(record: JobRecord): { metrics: Metric[]; tags: KeyValue[] } {
  const { result, error, resumed, attempt, finished_at } = record;
  const timestamp = Date.parse(finished_at ?? record.created_at);
  const metrics = Object.entries(result?.suggestions ?? {}).flatMap(([name, value]) =>
    typeof value === 'number' ? [{ key: `suggestions/${name}`, value, timestamp, step: 0 }] : [],
  );
  const tags = pairs({
    'onecycle.attempts': String(attempt),
    'onecycle.error': error ? `${error.code}: ${error.message}` : undefined,
    'onecycle.resumed': resumed?.map(({ iteration, equality }) => `${equality} from ${iteration}`).join(', '),
  });
  return { metrics, tags };
}

const pairs = (values: Record<string, string | undefined>): KeyValue[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: value.slice(0, limits.value) }],
  );
