/** How a step's time grows with the batch and with the width of the layers, the sides taking turns. */
import { Contender, type SideName } from './contender.js';
import { type Table, fixed } from './table.js';
import { growth } from './workloads.js';

/** Times of a step over one varying size. */
export interface Growth {
  title: string;
  by: string;
  /** By size: milliseconds per step, a value for each round. */
  points: { value: number; step_ms: Partial<Record<SideName, number[]>> }[];
}

/** Measures every series of `growth`, `rounds` times each point. */
export async function measureGrowth(sides: readonly SideName[], rounds: number, python: string): Promise<Growth[]> {
  const contenders = sides.map((side) => new Contender(side, python));
  try {
    const results: Growth[] = [];
    for (const { title, by, workloads } of growth) {
      const points: Growth['points'] = [];
      for (const { value, workload } of workloads) {
        const step_ms: Partial<Record<SideName, number[]>> = {};
        for (const contender of contenders) await contender.do('begin', workload);
        for (let round = 0; round < rounds; round++) {
          for (const contender of contenders)
            (step_ms[contender.side] ??= []).push((await contender.do('train')).step_ms);
        }
        points.push({ value, step_ms });
      }
      results.push({ title, by, points });
    }
    return results;
  } finally {
    for (const contender of contenders) contender.end();
  }
}

/** A row for each size. */
export const growthTable = ({ title, by, points }: Growth, sides: readonly SideName[]): Table => ({
  title: `${title}: least ms a step`,
  head: [by, ...sides],
  rows: points.map(({ value, step_ms }) => [String(value), ...sides.map((side) => fixed(Math.min(...step_ms[side]!)))]),
});
