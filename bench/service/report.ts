/** The figures as tables, with those of others and what was aimed at beside them. */
import { fixed, megabytes, type Table } from '../table.js';
import type { Pace, Saturation, Silent, Watched } from './fan-out.js';
import type { Flushing } from './flushing.js';
import type { History, Ingest } from './log.js';
import type { Lists } from './lists.js';
import type { Posts } from './posts.js';
import type { Predictions } from './predictions.js';
import type { TinyJobs } from './turnaround.js';
import type { Turns } from './turns.js';

/** All that is measured; a part that was left out is not there. */
export interface Results {
  ingest?: Ingest;
  history?: History;
  posts?: Posts[];
  lists?: Lists;
  flushing?: Flushing[];
  firstFrame?: { median: number; p99: number };
  watched?: Watched;
  saturation?: Saturation[];
  silent?: Silent;
  tinyJobs?: TinyJobs;
  turns?: Turns;
  predictions?: Predictions;
}

type Row = [what: string, ours: string, aim: string, peer: string];

const count = (value: number): string => Math.round(value).toLocaleString('en');
const spread = ({ median, p99 }: { median: number; p99: number }): string => `${fixed(median)} ms, p99 ${fixed(p99)}`;

/** One table of all figures, one of lists, one of how far the subscribers go, and one of ways to have writes on disk. */
export function serviceTables(results: Results): Table[] {
  const rows = [
    ...logRows(results),
    ...(results.posts ?? []).map(postsRow),
    ...turnaroundRows(results),
    ...turnsRows(results.turns),
    ...predictionRows(results.predictions),
    ...watchedRows(results.watched),
    ...silentRows(results.silent),
  ];
  const main = { title: 'The service', head: ['', 'onecycle', 'aim', 'others'], rows };
  return [
    main,
    ...(results.lists ? [listsTable(results.lists)] : []),
    ...(results.saturation ? [saturationTable(results.saturation)] : []),
    ...(results.flushing ? [flushingTable(results.flushing)] : []),
  ];
}

function logRows({ ingest, history }: Results): Row[] {
  const stored = ingest && [
    ['points a second from a trainer to the stored log', count(ingest.points_per_second), '100,000', 'MLflow 10,800'],
  ];
  const answered = history && [
    [
      `all curves of ${count(history.points)} points (${megabytes(history.bytes)} MB)`,
      spread(history.whole_ms),
      '50 ms',
      'MLflow, one curve: 1,130 ms',
    ],
    [`1,000 points of these`, spread(history.thinned_ms), '', ''],
  ];
  return [...(stored ?? []), ...(answered ?? [])] as Row[];
}

function postsRow({ clients, jobs_per_second, answered_ms }: Posts): Row {
  const what = `jobs posted a second, on disk when answered, ${clients} client${clients > 1 ? 's' : ''}`;
  const aim = clients > 1 ? '1,000' : 'median 20 ms';
  return [what, `${count(jobs_per_second)}, each ${spread(answered_ms)}`, aim, 'MLflow, runs: 117'];
}

function turnaroundRows({ firstFrame, tinyJobs }: Results): Row[] {
  const first: Row[] = firstFrame
    ? [['from posting a job to its first batch at a WebSocket', spread(firstFrame), '250 ms', 'Ray Jobs: 1,000 ms']]
    : [];
  if (!tinyJobs) return first;
  const { jobs, seconds, job_ms, training_ms } = tinyJobs;
  const ours = `${seconds.toFixed(1)} s: ${fixed(job_ms)} ms a job, of which ${fixed(training_ms)} train`;
  return [...first, [`${jobs} tiny jobs, posted at once, one worker`, ours, '', '']];
}

function turnsRows(turns: Turns | undefined): Row[] {
  if (!turns) return [];
  const { tenants, jobs, least, most, seconds } = turns;
  const ours = `${least.toFixed(2)} to ${most.toFixed(2)} of fair, ${fixed((1000 * seconds) / jobs)} ms a job`;
  return [
    [`${count(jobs)} jobs of ${tenants} tenants, two workers: from the 100th job to the last`, ours, '0.9 to 1.1', ''],
  ];
}

function predictionRows(predictions: Predictions | undefined): Row[] {
  if (!predictions) return [];
  const what = 'one row predicted over HTTP, a warm model';
  return [
    [what, spread(predictions.idle_ms), 'median 20 ms', ''],
    [`${what}, while another one trains`, spread(predictions.training_ms), '', ''],
  ];
}

function watchedRows(watched: Watched | undefined): Row[] {
  if (!watched) return [];
  const { subscribers, latency_ms, complete, messages_per_second, alone, watched: with_ } = watched;
  const change = (of: keyof Pace): string =>
    `${fixed(alone[of])}, ${fixed(with_[of])} (${((with_[of] / alone[of] - 1) * 100).toFixed(1)}%)`;
  const followed = `${count(subscribers)} subscribers of a job that trains`;
  return [
    [`${followed}: each got every frame`, complete ? 'yes' : 'no', 'yes', ''],
    [`${followed}: batch to client`, spread(latency_ms), 'p99 100 ms', ''],
    [`${followed}: messages a second`, count(messages_per_second), '', ''],
    [`${followed}: steps a second, without and with them`, change('steps_per_second'), '-5%', ''],
    [
      `${followed}: the trainer's processor time a step, without and with them, ms`,
      change('processor_ms_per_step'),
      '',
      '',
    ],
  ];
}

function silentRows(silent: Silent | undefined): Row[] {
  if (!silent) return [];
  const { subscribers, log_bytes, bytes_per_subscriber } = silent;
  return [
    [
      `memory for each of ${subscribers} subscribers that read nothing of ${megabytes(log_bytes)} MB`,
      `${(bytes_per_subscriber / 1e6).toFixed(1)} MB`,
      'bounded',
      '',
    ],
  ];
}

const listsTable = ({ jobs, pages }: Lists): Table => ({
  title: `20 of ${count(jobs)} jobs`,
  head: ['', 'answered'],
  rows: pages.map(({ what, answered_ms }) => [what, spread(answered_ms)]),
});

const saturationTable = (rates: readonly Saturation[]): Table => ({
  title: `${count(rates[0]?.delivery.subscribers ?? 0)} subscribers of a job that does nothing but say its batches`,
  head: ['steps a second', 'batches delivered a second', 'messages a second', 'batch to client', 'every frame'],
  rows: rates.map(({ steps_per_second, delivery: { subscribers, messages_per_second, latency_ms, complete } }) => [
    count(steps_per_second),
    count(steps_per_second * subscribers),
    count(messages_per_second),
    spread(latency_ms),
    complete ? 'yes' : 'no',
  ]),
});

const flushingTable = (measured: readonly Flushing[]): Table => ({
  title: 'Writes of 1 kB to the embedded Valkey, by when its file is flushed (`appendfsync`)',
  head: ['', 'clients', 'writes a second', 'each'],
  rows: measured.map(({ way, clients, writes_per_second, answered_ms }) => [
    way,
    count(clients),
    count(writes_per_second),
    spread(answered_ms),
  ]),
});
