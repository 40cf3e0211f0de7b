/** `onecycle cancel`, `pause`, `resume`, `finish`, `retry`, `delete`: what can be done with jobs. */
import type { Command } from 'commander';
import type { Job, JobRecord } from '../../client/index.js';
import { clientCommand, connect, number, type Common } from '../command.js';
import { jobIds } from '../refs.js';
import { each } from '../report.js';
import { print, printJson } from '../terminal/out.js';
import { statusText } from '../terminal/style.js';

type Change = (job: Job, options: ControlOptions) => Promise<unknown>;

interface ControlOptions extends Common {
  cooldown?: number;
}

const ids = 'ids, prefixes of ids, @last';

/** Adds `cancel`. */
export const cancelCommand = (program: Command): void =>
  void add(program, 'cancel', 'cancel jobs; running ones make a checkpoint first', (job) => job.cancel());

/** Adds `pause`. */
export const pauseCommand = (program: Command): void =>
  void add(program, 'pause', 'pause jobs: they release their devices', (job) => job.pause());

/** Adds `resume`. */
export const resumeCommand = (program: Command): void =>
  void add(program, 'resume', 'resume paused jobs from where they stopped', (job) => job.resume());

/** Adds `finish`. */
export const finishCommand = (program: Command): void =>
  void add(program, 'finish', 'end running jobs early, annealing their rates to zero', (job, { cooldown = 1 }) =>
    job.finish({ cooldown }),
  ).option('--cooldown <epochs>', 'length of the cooldown in epochs (default: 1)', number);

/** Adds `retry`. */
export const retryCommand = (program: Command): void =>
  void add(program, 'retry', 'retry failed or cancelled jobs, as new jobs from their last checkpoints', (job) =>
    job.retry(),
  );

/** Adds `delete`. */
export const deleteCommand = (program: Command): void =>
  void add(program, 'delete', 'delete jobs and everything stored for them', null).alias('rm');

/** `change`: null to delete. */
function add(program: Command, name: string, description: string, change: Change | null): Command {
  return clientCommand(program, name, description)
    .argument('<id...>', ids)
    .action((refs: string[], options: ControlOptions) => changeAll(refs, options, change));
}

async function changeAll(refs: readonly string[], options: ControlOptions, change: Change | null): Promise<void> {
  const client = connect(options);
  const done: JobRecord[] = [];
  const deleted: string[] = [];
  await each(await jobIds(client, refs), async (id) => {
    if (change === null) {
      await client.jobs.delete(id);
      deleted.push(id);
      if (!options.json) print(`${id} deleted`);
    } else {
      const record = await recordAfter(await client.jobs.get(id), options, change);
      done.push(record);
      if (!options.json) print(lineOf(record));
    }
  });
  if (options.json) printJson(change === null ? { deleted } : done);
}

/** What the change answers is the same job, or a new one. */
async function recordAfter(job: Job, options: ControlOptions, change: Change): Promise<JobRecord> {
  const answer = await change(job, options);
  return isJob(answer) ? answer.record : job.refresh();
}

const isJob = (answer: unknown): answer is Job => typeof answer === 'object' && answer !== null && 'record' in answer;

const lineOf = ({ id, status, retry_of }: JobRecord): string =>
  `${id} ${statusText(status)}${retry_of === undefined ? '' : ` (a retry of ${retry_of})`}`;
