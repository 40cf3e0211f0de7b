/** What happened to a job, along its iterations. Pure. */
import type { Checkpoint, JobRecord } from '../../../src/client/index.js';
import type { Mark } from '../charts/line.js';
import type { Restart } from './curves.js';

/** Its phases where there are several, the attempts that started again, and its checkpoints. */
export function marksOf(
  record: Pick<JobRecord, 'phases' | 'resumed'>,
  restarts: readonly Restart[],
  checkpoints: readonly Pick<Checkpoint, 'iteration' | 'reason' | 'name'>[],
): Mark[] {
  return [...phaseMarks(record.phases), ...attemptMarks(record, restarts), ...checkpoints.map(checkpointMark)];
}

function phaseMarks(phases: JobRecord['phases']): Mark[] {
  if (phases.length < 2 && phases.every(({ frozen_to }) => frozen_to === 0)) return [];
  let at = 0;
  return phases.map(({ phase, n_iteration, frozen_to }) => {
    const mark = { at, label: `phase ${phase}: ${frozenWords(frozen_to)}`, kind: 'phase' as const };
    at += n_iteration;
    return mark;
  });
}

/** Which groups a phase trains. */
const frozenWords = (frozenTo: number): string =>
  frozenTo === 0 ? 'all groups train' : `groups below ${frozenTo} frozen`;

function attemptMarks({ resumed = [] }: Pick<JobRecord, 'resumed'>, restarts: readonly Restart[]): Mark[] {
  const at = new Map(restarts.map(({ attempt, iteration }) => [attempt, iteration]));
  for (const { attempt, iteration } of resumed) at.set(attempt, iteration);
  return [...at]
    .sort(([a], [b]) => a - b)
    .map(([attempt, iteration]) => ({ at: iteration, label: `attempt ${attempt}`, kind: 'attempt' }));
}

const checkpointMark = ({ iteration, reason, name }: Pick<Checkpoint, 'iteration' | 'reason' | 'name'>): Mark => ({
  at: iteration,
  label: `checkpoint ${name ?? reason}`,
  kind: 'point',
});
