/** A campaign's summary as tables. */
import { forTerminal, median, megabytes } from '../../../bench/table.js';
import { checkpointSeconds } from './specs.js';
import type { Inflicted, Report } from './campaign.js';
import { thrownLimitSeconds, type Finished } from './check.js';
import { growthLimit } from './resources.js';

/** The summary, for the terminal. */
export function summary(report: Report): string {
  const tables = [faultTable(report.inflicted), jobTable(report.jobs), resourceTable(report)].map(forTerminal);
  const verdict =
    report.problems.length === 0
      ? `All holds: seed ${report.seed}, ${report.inflicted.length} faults, ${report.seconds.toFixed(0)} s.`
      : `Seed ${report.seed}: what does not hold:\n${report.problems.map((problem) => `- ${problem}`).join('\n')}`;
  return [...tables, verdict].join('\n\n');
}

function faultTable(inflicted: readonly Inflicted[]) {
  const rows = [...new Set(inflicted.map(({ fault }) => fault))].sort().map((fault) => {
    const some = inflicted.filter((each) => each.fault === fault);
    const times = some.flatMap(({ recoveredMs }) => (recoveredMs === null ? [] : [recoveredMs / 1000]));
    const [typical, longest] = times.length === 0 ? ['', ''] : [median(times), Math.max(...times)].map(seconds);
    return [fault, String(some.length), typical, longest];
  });
  return { title: 'Faults', head: ['fault', 'times', 'until a job trains again, median', 'longest'], rows };
}

function jobTable(jobs: readonly Finished[]) {
  const rows = [...new Set(jobs.map(({ spec }) => spec))].sort().map((spec) => {
    const some = jobs.filter((job) => job.spec === spec);
    const thrown = some.flatMap((job) => job.thrown);
    const largest = (of: (each: (typeof thrown)[number]) => number) => Math.max(0, ...thrown.map(of));
    return [
      spec,
      String(some.length),
      String(thrown.length),
      String(Math.max(...some.map(({ attempts }) => attempts))),
      String(largest(({ iterations }) => iterations)),
      seconds(largest((each) => each.seconds)),
    ];
  });
  const title =
    `Jobs, each with the bits of its uninterrupted run; a checkpoint every ${checkpointSeconds} s, ` +
    `at most ${thrownLimitSeconds} s thrown away a kill`;
  return { title, head: ['job', 'runs', 'rewinds', 'most attempts', 'most iterations thrown', 'as time'], rows };
}

function resourceTable({ before, during }: Report) {
  const rows = (['service', 'worker'] as const).map((role) => {
    const [was, is] = [before.most[role], during.most[role]];
    return [role, megabytes(was.memoryBytes), megabytes(is.memoryBytes), String(was.files), String(is.files)];
  });
  const title = `The most a process held; allowed: ${megabytes(growthLimit.memoryBytes)} MB and ${growthLimit.files} files more`;
  return { title, head: ['process', 'MB, uninterrupted', 'MB', 'files, uninterrupted', 'files'], rows };
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;
