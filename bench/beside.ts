/** Others that run jobs: what a job costs there that does nothing but print a line. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pinned, pythonWith } from './python.js';
import { fixed, type Table } from './table.js';

/** Who is measured beside onecycle's jobs. */
export const runnerNames = ['ray', 'mlflow'] as const;
/** One of them. */
export type RunnerName = (typeof runnerNames)[number];
/** Whether a side is one of them. */
export const isRunner = (side: string): side is RunnerName => runnerNames.some((name) => name === side);

const programs: Record<RunnerName, string> = { ray: 'ray_jobs', mlflow: 'mlflow_projects' };
const titles: Record<RunnerName, string> = { ray: 'Ray Jobs', mlflow: 'MLflow Projects' };

/** Milliseconds from submission to end: of one alone, the median, and of each of some that come at once. */
export interface Beside {
  runner: RunnerName;
  packages: string[];
  alone: number;
  at_once: number;
}

/** Measures those whose packages can be had, and says which cannot. */
export async function measureBeside(runners: readonly RunnerName[], alone: number, atOnce: number): Promise<Beside[]> {
  const measured: Beside[] = [];
  for (const runner of runners) {
    try {
      const python = await pythonWith(runner);
      const program = fileURLToPath(new URL(`../../bench/python/${programs[runner]}.py`, import.meta.url));
      const { stdout } = await promisify(execFile)(python, [program, String(alone), String(atOnce)]);
      const times = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Pick<Beside, 'alone' | 'at_once'>;
      measured.push({ runner, packages: pinned(runner), ...times });
    } catch (error) {
      console.error(
        `${titles[runner]} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return measured;
}

/** The figures as a table. */
export const besideTable = (measured: readonly Beside[], atOnce: number): Table => ({
  title: 'Others that run jobs: one that prints a line, ms',
  head: ['', ...measured.map(({ runner, packages }) => `${titles[runner]} (${packages.join(', ')})`)],
  rows: [
    ['from its submission to its end', ...measured.map(({ alone }) => fixed(alone))],
    [`each of ${atOnce} that were submitted at once`, ...measured.map(({ at_once }) => fixed(at_once))],
  ],
});
