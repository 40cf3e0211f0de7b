/** The columns that the table of jobs can have. */
import type { ComponentChildren } from 'preact';
import type { JobRecord } from '../../../src/client/index.js';
import { ProgressBar, StatusBadge } from '../parts/status.js';
import { ago, duration, moment, number, percent } from '../state/format.js';
import { nameOf } from '../state/job-name.js';
import type { Live } from '../state/live.js';
import { href } from '../state/route.js';

/** One column. */
export interface JobColumn {
  key: string;
  title: string;
  /** What `sort` calls it; absent where the service cannot sort by it. */
  sort?: string;
  number?: boolean;
  cell: (job: JobRecord, live: Live) => ComponentChildren;
}

const fixed: readonly JobColumn[] = [
  { key: 'status', title: 'Status', sort: 'status', cell: ({ status }) => <StatusBadge status={status} /> },
  { key: 'progress', title: 'Progress', cell: (job, live) => <Progress job={job} live={live} /> },
  { key: 'eta', title: 'ETA', number: true, cell: (job, live) => eta(job, live) },
  { key: 'policy', title: 'Policy', cell: ({ spec }) => spec.policy.name },
  { key: 'model', title: 'Model', cell: ({ spec }) => modelOf(spec.model) },
  { key: 'data', title: 'Data', cell: ({ spec }) => dataOf(spec.dataset) },
  {
    key: 'train_loss',
    title: 'Train loss',
    sort: 'train_loss',
    number: true,
    cell: ({ result }, live) => number(result?.train_loss ?? live.loss),
  },
  {
    key: 'valid_loss',
    title: 'Valid loss',
    sort: 'valid_loss',
    number: true,
    cell: ({ result }, live) => number(result?.valid_loss ?? live.validLoss),
  },
  {
    key: 'created',
    title: 'Created',
    sort: 'created_at',
    cell: ({ created_at }) => <time title={moment(created_at)}>{ago(created_at)}</time>,
  },
  {
    key: 'finished',
    title: 'Finished',
    sort: 'finished_at',
    cell: ({ finished_at }) => finished_at !== null && <time title={moment(finished_at)}>{ago(finished_at)}</time>,
  },
  { key: 'took', title: 'Duration', number: true, cell: (job) => took(job) },
  { key: 'attempt', title: 'Attempt', number: true, cell: ({ attempt }) => attempt },
  { key: 'tags', title: 'Tags', cell: ({ tags }) => <Tags tags={tags} /> },
  { key: 'id', title: 'ID', cell: ({ id }) => <code>{id}</code> },
];

const shownFirst = ['status', 'progress', 'eta', 'policy', 'valid_loss', 'METRIC', 'tags', 'created'];

/** The names of the metrics that the jobs have, sorted. */
export function metricNames(jobs: readonly JobRecord[]): string[] {
  const names = new Set<string>();
  for (const { spec, result } of jobs) {
    for (const name of namesOf(spec.metrics)) names.add(name);
    for (const name in result?.metrics) names.add(name);
  }
  return [...names].sort();
}

/** All columns, with one for each metric. */
export function columnsFor(metrics: readonly string[]): JobColumn[] {
  const all = metrics.map((name): JobColumn => ({
    key: `metrics.${name}`,
    title: name,
    sort: `metrics.${name}`,
    number: true,
    cell: ({ result }, live) => number(result?.metrics[name] ?? live.metrics?.[name]),
  }));
  return [...fixed, ...all];
}

/** Those that are shown: as the address says, else a few, the first metric among them. */
export function chosenColumns(all: readonly JobColumn[], chosen: string | null): JobColumn[] {
  const metric = all.find(({ key }) => key.startsWith('metrics.'))?.key;
  const keys = chosen?.split(',') ?? shownFirst.map((key) => (key === 'METRIC' ? (metric ?? '') : key));
  return keys.flatMap((key) => all.find((each) => each.key === key) ?? []);
}

function Progress({ job, live }: { job: JobRecord; live: Live }) {
  const done = job.status === 'running' ? Math.max(live.percent ?? 0, job.progress.percent) : job.progress.percent;
  return (
    <span class="progress-cell">
      <ProgressBar percent={done} label={`Progress of ${nameOf(job)}`} />
      <span class="number">{percent(done)}</span>
    </span>
  );
}

function eta({ status, progress }: JobRecord, live: Live): string {
  const at = live.estimatedFinish ?? progress.estimated_finish;
  return status !== 'running' || at === null ? '' : duration(Math.max(0, (Date.parse(at) - Date.now()) / 1000));
}

function took({ started_at, finished_at }: JobRecord): string {
  if (started_at === null) return '';
  return duration((Date.parse(finished_at ?? new Date().toISOString()) - Date.parse(started_at)) / 1000);
}

/** A job's tags; each leads to the jobs that have it. */
export function Tags({ tags }: { tags: Readonly<Record<string, string>> }) {
  return (
    <span class="row tags">
      {Object.entries(tags).map(([name, value]) => (
        <a key={name} class="tag" href={href(['jobs'], { tag: `${name}:${value}` })}>
          {name}: {value}
        </a>
      ))}
    </span>
  );
}

/** A model in a word. */
export function modelOf(model: object | undefined): string {
  if (model === undefined) return '';
  if ('preset' in model && typeof model.preset === 'string') return model.preset;
  if ('id' in model && typeof model.id === 'string') return model.id;
  return 'layers' in model ? 'layers' : 'continued';
}

/** A data set in a word. */
export function dataOf(dataset: object): string {
  if ('builtin' in dataset && typeof dataset.builtin === 'string') return dataset.builtin;
  if ('id' in dataset && typeof dataset.id === 'string') return dataset.id;
  return Object.keys(dataset)[0] ?? '';
}

const namesOf = (metrics: readonly unknown[] | undefined): string[] =>
  (metrics ?? []).flatMap((metric) => (typeof metric === 'string' && metric !== 'confusion_matrix' ? [metric] : []));
