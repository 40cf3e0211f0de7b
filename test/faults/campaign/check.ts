/** Whether a job that has ended is what it must be, however often it was interrupted. */
import type { JobRecord } from '../../e2e/harness.js';
import { logProblems, thrownAway, type Thrown } from './log.js';
import { difference, outcomeOf, type Outcome } from './outcome.js';
import { checkpointSeconds } from './specs.js';
import type { World } from './world.js';

/**
 * What a kill may throw away beyond a checkpoint interval: what trains while a checkpoint is written and stored, on a
 * machine whose cores and disk are busy with other tests too.
 */
const writingSeconds = 4;
/** The most that a kill may throw away. */
export const thrownLimitSeconds = checkpointSeconds + writingSeconds;

/** A job that was interrupted, or not. */
export interface Finished {
  spec: string;
  attempts: number;
  thrown: Thrown[];
}

/** What a job came to that nothing interrupted. */
export interface Reference {
  outcome: Outcome;
  /** Of an iteration, at the median. */
  stepMs: number;
}

/** Compares it with its reference, and reads its log. */
export async function check(
  { server }: World,
  record: JobRecord,
  spec: string,
  reference: Reference,
): Promise<{ finished: Finished; problems: string[] }> {
  const { id, status, error, attempt, progress } = record;
  const stream = await server.stream(id);
  const finished = { spec, attempts: attempt, thrown: [] };
  if (status !== 'completed') return { finished, problems: [`it is ${status}: ${JSON.stringify(error)}`] };
  await stream.closed;
  const thrown = thrownAway(stream.frames, reference.stepMs);
  const outcome = await outcomeOf(server, id, record.type === 'lr_find');
  const hole = outcome.metrics.iteration.findIndex((iteration, i) => iteration !== i);
  const differs = difference(reference.outcome, outcome);
  return {
    finished: { ...finished, thrown },
    problems: [
      ...logProblems(stream.frames),
      ...(hole === -1 && outcome.metrics.iteration.length === progress.n_iteration ? [] : ['its curve has a hole']),
      ...(differs === null ? [] : [differs]),
      ...thrown
        .filter(({ seconds }) => seconds > thrownLimitSeconds)
        .map(({ seconds, iterations }) => `${seconds.toFixed(1)} s of work (${iterations} iterations) thrown away`),
    ],
  };
}
