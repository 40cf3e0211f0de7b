/** Following jobs to their ends. */
import { isTerminal, type JobRecord, type Onecycle } from '../../client/index.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
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
  const records = await Promise.all(ids.map(async (id) => (await client.jobs.get(id)).record));
  const runs = new Map(records.map((record) => [record.id, new Run(record, labelOf(record, records))]));
  const view = viewOf([...runs.values()], json);
  try {
    for await (const frame of client.streams(ids, {
      signal,
      ...(!json && { maxRate: shownRate }),
      onState: (state) => {
        if (state === 'reconnecting') view.remark('The connection is lost; trying again.');
      },
    })) {
      const run = runs.get(frame.job);
      if (!run) continue;
      run.see(frame);
      view.show(frame, run);
      if (frame.type === 'status' && isTerminal(frame.status)) view.ended((await client.jobs.get(frame.job)).record);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    view.stop();
  }
  if (signal.aborted) return { code: interrupted(ids, runs), records };
  const ended = await Promise.all(ids.map(async (id) => (await client.jobs.get(id)).record));
  const done = ended.every(({ status }) => status === 'completed');
  return { code: done ? exitCodes.ok : exitCodes.failed, records: ended };
}

/** Several jobs are told apart by their names, where each has one of its own; else by the beginnings of their ids. */
function labelOf(record: JobRecord, all: readonly JobRecord[]): string {
  const names = new Set(all.map(({ name }) => name));
  return names.size === all.length && !names.has(undefined) && record.name !== undefined
    ? record.name.slice(0, 24)
    : record.id.slice(0, 12);
}

function interrupted(ids: readonly string[], runs: ReadonlyMap<string, Run>): ExitCode {
  const left = ids.filter((id) => !isTerminal(runs.get(id)?.status ?? 'queued'));
  if (left.length > 0)
    say(
      `${left.length === 1 ? 'The job goes' : 'The jobs go'} on. To watch again: onecycle watch ${left.join(' ')}\n` +
        `To end ${left.length === 1 ? 'it' : 'them'}: onecycle cancel ${left.join(' ')}`,
    );
  return exitCodes.interrupted;
}
