/** Following jobs to their ends. */
import { isTerminal, type JobRecord, type Onecycle } from '../../client/index.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { recordsOf } from '../refs.js';
import { stopSignal } from '../signals.js';
import { say } from '../terminal/out.js';
import { Run } from './run.js';
import { viewOf } from './views.js';

/** Frames a second of each job: eyes need no more. A program that reads JSON gets all. */
const shownRate = 10;

/** What came of it. */
export interface Followed {
  /** 0 where all have completed, 1 where one has not, 130 after Ctrl-C. */
  code: ExitCode;
  records: JobRecord[];
}

/** Shows jobs until all have ended. Ctrl-C ends the watching alone: the jobs go on. */
export async function follow(client: Onecycle, ids: readonly string[], json: boolean): Promise<Followed> {
  const signal = stopSignal();
  const runs = runsOf(await recordsOf(client, ids));
  try {
    await show(client, runs, { json, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return { code: interrupted(runs), records: runs.map(({ record }) => record) };
  }
  const records = await recordsOf(client, ids);
  const done = records.every(({ status }) => status === 'completed');
  return { code: done ? exitCodes.ok : exitCodes.failed, records };
}

/** Jobs to be watched. */
export const runsOf = (records: readonly JobRecord[]): Run[] =>
  records.map((record) => new Run(record, labelOf(record, records)));

/** Shows runs until all have ended. @throws the signal's reason where it is aborted */
export async function show(
  client: Onecycle,
  runs: readonly Run[],
  { json = false, signal }: { json?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const view = viewOf(runs, json);
  const byId = new Map(runs.map((run) => [run.record.id, run]));
  const frames = client.streams([...byId.keys()], {
    signal,
    maxRate: json ? undefined : shownRate,
    onState: (state) => {
      if (state === 'reconnecting') view.remark('Connection lost; reconnecting.');
    },
  });
  try {
    for await (const frame of frames) {
      const run = byId.get(frame.job);
      if (!run) continue;
      run.see(frame);
      view.show(frame, run);
      if (frame.type === 'status' && isTerminal(frame.status)) view.ended((await client.jobs.get(frame.job)).record);
    }
  } finally {
    view.stop();
  }
}

/** Several jobs are told apart by their names, where each has one of its own; else by the beginnings of their ids. */
function labelOf(record: JobRecord, all: readonly JobRecord[]): string {
  const names = new Set(all.map(({ name }) => name));
  return names.size === all.length && !names.has(undefined) && record.name !== undefined
    ? record.name.slice(0, 24)
    : record.id.slice(0, 12);
}

function interrupted(runs: readonly Run[]): ExitCode {
  const left = runs.filter(({ status }) => !isTerminal(status)).map(({ record }) => record.id);
  const [goes, them] = left.length === 1 ? ['job goes', 'it'] : ['jobs go', 'them'];
  if (left.length > 0)
    say(
      `\nThe ${goes} on. To watch again: onecycle watch ${left.join(' ')}\n` +
        `To end ${them}: onecycle cancel ${left.join(' ')}`,
    );
  return exitCodes.interrupted;
}
