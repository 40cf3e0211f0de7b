/** Step time, time to the first step, evaluation rate and peak memory, the sides taking turns. */
import { Contender, type SideName } from './contender.js';
import type { Repetitions } from './options.js';
import { type Table, fixed, megabytes, median } from './table.js';
import type { Workload } from './workloads.js';

/** What was measured of one side on one workload. */
export interface Training {
  workload: string;
  side: SideName;
  /** One value per process. */
  first_step_ms: number[];
  peak_bytes: number[];
  /** One value per turn. */
  step_ms: number[];
  rows_per_second: number[];
}

/**
 * Each side `starts` times in a new process, each time with `rounds` turns: how fast a process is depends on how its
 * memory came to lie, PyTorch's more than ours, and a first step and a peak of memory there is only one of in each.
 */
export async function measureTraining(
  workload: Workload,
  sides: readonly SideName[],
  { starts, rounds }: Repetitions,
  python: string,
): Promise<Training[]> {
  const results = sides.map((side): Training => ({
    workload: workload.name,
    side,
    first_step_ms: [],
    peak_bytes: [],
    step_ms: [],
    rows_per_second: [],
  }));
  for (let start = 0; start < starts; start++) {
    const contenders: Contender[] = [];
    try {
      for (const result of results) {
        // One after the other: loading fastai keeps both cores busy.
        const contender = new Contender(result.side, python);
        contenders.push(contender);
        result.first_step_ms.push((await contender.do('begin', workload)).first_step_ms);
      }
      await takeTurns(contenders, results, rounds);
    } finally {
      for (const contender of contenders) contender.end();
    }
  }
  return results;
}

async function takeTurns(
  contenders: readonly Contender[],
  results: readonly Training[],
  rounds: number,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) results[i].step_ms.push((await contender.do('train')).step_ms);
  }
  for (const [i, contender] of contenders.entries())
    results[i].peak_bytes.push((await contender.do('peak_memory')).peak_bytes);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries())
      results[i].rows_per_second.push((await contender.do('evaluate')).rows_per_second);
  }
}

/** A row for each side: medians, and the least time of a step. */
export function trainingTable({ title }: Workload, results: readonly Training[]): Table {
  const ours = results.find(({ side }) => side === 'onecycle');
  return {
    title,
    head: [
      '',
      'ms a step',
      'times onecycle',
      'ms a step, least',
      'times onecycle',
      'first step, ms',
      'evaluated rows/s',
      'peak memory, MB',
    ],
    rows: results.map(({ side, step_ms, first_step_ms, rows_per_second, peak_bytes }) => [
      side,
      fixed(median(step_ms)),
      ours === undefined ? '' : (median(step_ms) / median(ours.step_ms)).toFixed(2),
      fixed(Math.min(...step_ms)),
      ours === undefined ? '' : (Math.min(...step_ms) / Math.min(...ours.step_ms)).toFixed(2),
      median(first_step_ms).toFixed(0),
      median(rows_per_second).toFixed(0),
      megabytes(median(peak_bytes)),
    ]),
  };
}
