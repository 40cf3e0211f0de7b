/** Why a checkpoint is made: what the learner says, and what a job's checkpoints say to clients. */
export const checkpointReasons = [
  'interval',
  'best',
  'phase',
  'paused',
  'shutdown',
  'cancelled',
  'named',
  'final',
] as const;

/** One of them. */
export type CheckpointReason = (typeof checkpointReasons)[number];
