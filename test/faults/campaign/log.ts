/** What a job's whole log must be, and what its rewinds threw away. */
import { median } from '../../../bench/table.js';
import type { Frame } from '../../e2e/harness.js';

/** What an attempt that ended had trained beyond what the next one went on from. */
export interface Thrown {
  iterations: number;
  /** Of training at the pace of that attempt, pauses left out. */
  seconds: number;
}

/** What is wrong with the log of a job that has ended. */
export function logProblems(frames: readonly Frame[]): string[] {
  const hole = frames.findIndex(({ seq }, i) => seq !== i);
  const ends = frames.flatMap(({ type, status }, i) => (type === 'status' && status === 'completed' ? [i] : []));
  return [
    ...(hole === -1 ? [] : [`seq ${frames[hole].seq} stands where ${hole} should`]),
    ...(ends.length === 1 && ends[0] === frames.length - 1
      ? []
      : [`the terminal frame stands at ${ends.join(', ') || 'no place'} of ${frames.length} frames`]),
  ];
}

/** What each rewind of a log threw away. `stepMs`: of an iteration, where the log does not tell. */
export function thrownAway(frames: readonly Frame[], stepMs: number): Thrown[] {
  const thrown: Thrown[] = [];
  let next = 0;
  let epochBegan: number | null = 0;
  let paces: number[] = [];
  for (const frame of frames) {
    if (frame.type === 'batches' && Array.isArray(frame.iteration)) next = frame.iteration.at(-1)! + 1;
    if (frame.type === 'epoch') {
      // Where an attempt resumed within an epoch, that one's seconds are of some of its iterations.
      if (epochBegan !== null && next > epochBegan) paces.push((frame.seconds * 1000) / (next - epochBegan));
      epochBegan = next;
    }
    if (frame.type === 'rewind' && !Array.isArray(frame.iteration)) {
      const iterations = Math.max(next - frame.iteration, 0);
      thrown.push({ iterations, seconds: (iterations * (paces.length > 0 ? median(paces) : stepMs)) / 1000 });
      next = frame.iteration;
      epochBegan = null;
      paces = [];
    }
  }
  return thrown;
}
