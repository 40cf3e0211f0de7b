/** What can be done with jobs, and doing it with many. */
import type { JobRecord, JobStatus } from '../../../src/client/index.js';
import { confirm } from '../parts/dialog.js';
import { client } from './client.js';
import { inTurns } from './in-turns.js';
import { nameOf } from './job-name.js';
import { describeProblem } from './problem.js';
import { toast } from './toasts.js';

/** Something that is done with a job. */
export interface JobAction {
  name: 'cancel' | 'pause' | 'resume' | 'retry' | 'delete';
  title: string;
  done: string;
  key: string;
  /** The states that allow it. */
  in: readonly JobStatus[];
  /** What is asked before: it cannot be undone. */
  warning?: string;
}

/** All of them, in the order of their buttons. */
export const jobActions: readonly JobAction[] = [
  {
    name: 'cancel',
    title: 'Cancel',
    done: 'Cancelled',
    key: 'c',
    in: ['queued', 'waiting', 'running', 'pausing', 'paused'],
    warning: 'A running job makes a checkpoint before it ends, and can be retried from there.',
  },
  { name: 'pause', title: 'Pause', done: 'Paused', key: 'p', in: ['queued', 'running'] },
  { name: 'resume', title: 'Resume', done: 'Resumed', key: 'u', in: ['paused'] },
  { name: 'retry', title: 'Retry', done: 'Retried', key: 'r', in: ['failed', 'cancelled'] },
  {
    name: 'delete',
    title: 'Delete',
    done: 'Deleted',
    key: 'Delete',
    in: ['queued', 'paused', 'completed', 'failed', 'cancelled'],
    warning: 'Its curves, weights and checkpoints are deleted too. This cannot be undone.',
  },
];

/** Those of the jobs that an action can be applied to. */
export const applicable = (action: JobAction, jobs: readonly JobRecord[]): JobRecord[] =>
  jobs.filter(({ status }) => action.in.includes(status));

const atOnce = 6;

/** Does it with those that allow it, and says how it went; false where nothing was done. */
export async function act(action: JobAction, jobs: readonly JobRecord[]): Promise<boolean> {
  const able = applicable(action, jobs);
  const what = able.length === 1 ? `“${nameOf(able[0])}”` : `${able.length} jobs`;
  if (able.length === 0) {
    toast(`${action.title} applies only to jobs that are ${action.in.join(', ')}`, 'error');
    return false;
  }
  const question = { title: `${action.title} ${what}?`, text: action.warning ?? '', action: action.title };
  if (action.warning !== undefined && !(await confirm(question))) return false;
  const problems: string[] = [];
  await inTurns(able, atOnce, ({ id }) =>
    once(action, id).catch((error: unknown) => problems.push(describeProblem(error).detail)),
  );
  if (problems.length < able.length)
    toast(`${action.done} ${problems.length === 0 ? what : `${able.length - problems.length} jobs`}`);
  for (const detail of new Set(problems)) toast(`${action.title}: ${detail}`, 'error');
  return true;
}

async function once({ name }: JobAction, id: string): Promise<void> {
  if (name === 'delete') await client.jobs.delete(id);
  else await (await client.jobs.get(id))[name]();
}
