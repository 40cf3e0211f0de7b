/** Step time, time to the first step, evaluation rate and peak memory, the sides taking turns. */
import { Contender, type SideName } from './contender.js';
import { type Table, fixed, megabytes, median } from './table.js';
import type { Workload } from './workloads.js';

export interface Training {
  workload: string;
  side: SideName;
  first_step_ms: number;
  /** A value a round. */
  step_ms: number[];
  rows_per_second: number[];
  peak_bytes: number;
}

/** `rounds` of one pass each, by turns. Each side's process is new, so that the first step and the memory are this workload's. */
export async function measureTraining(workload: Workload, sides: readonly SideName[], rounds: number, python: string): Promise<Training[]> {
  const contenders = sides.map((side) => new Contender(side, python));
  try {
    const entries: { contender: Contender; result: Training }[] = [];
    for (const contender of contenders) {
      const { first_step_ms } = await contender.do('begin', workload);
      const result = { workload: workload.name, side: contender.side, first_step_ms, step_ms: [], rows_per_second: [], peak_bytes: 0 };
      entries.push({ contender, result });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { contender, result } of entries) result.step_ms.push((await contender.do('train')).step_ms);
    }
    for (const { contender, result } of entries) result.peak_bytes = (await contender.do('peak_memory')).peak_bytes;
    for (let round = 0; round < rounds; round++) {
      for (const { contender, result } of entries) result.rows_per_second.push((await contender.do('evaluate')).rows_per_second);
    }
    return entries.map(({ result }) => result);
  } finally {
    for (const contender of contenders) contender.end();
  }
}

/** A line a side. `times onecycle`: how many times as long a step takes. */
export function trainingTable({ title }: Workload, results: readonly Training[]): Table {
  const ours = results.find(({ side }) => side === 'onecycle');
  return {
    title,
    head: ['', 'ms a step, least', 'median', 'times onecycle', 'first step, ms', 'evaluated rows/s', 'peak memory, MB'],
    rows: results.map(({ side, step_ms, first_step_ms, rows_per_second, peak_bytes }) => [
      side,
      fixed(Math.min(...step_ms)),
      fixed(median(step_ms)),
      ours === undefined ? '' : (Math.min(...step_ms) / Math.min(...ours.step_ms)).toFixed(2),
      first_step_ms.toFixed(0),
      Math.max(...rows_per_second).toFixed(0),
      megabytes(peak_bytes),
    ]),
  };
}
