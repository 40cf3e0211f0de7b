/** One attempt at a job, from its spec to its result. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/index.js';
import { Cancel } from '../../src/learner/callbacks/cancel.js';
import {
  type Learner,
  type LrFindResult,
  type OwnCallbacks,
  planFor,
  preparePhases,
  runPhases,
  stateFile,
  Stopwatch,
  weightsFile,
} from '../../src/learner/index.js';
import type { PhasePlan } from '../../src/schedule/index.js';
import type { FromTrainer, JobResult, PhaseInfo, ToTrainer } from '../protocol.js';
import { FrameBuffer } from './frame-buffer.js';
import { jobError } from './job-error.js';
import { learnerFromSpec } from './learner-from-spec.js';

type Start = Extract<ToTrainer, { type: 'start' }>;
type Started = Extract<FromTrainer, { type: 'started' }>;
type Say = (message: FromTrainer) => void;

/** What a trainer has before a job comes. */
export interface TrainerParts {
  engine: Engine;
  /** The custom callbacks that jobs can name. */
  own: OwnCallbacks;
}

/** Runs one attempt at a job and says how it goes; what it returns is how it ended, to be said last. Throws nothing. */
export async function train(
  { engine, own }: TrainerParts,
  start: Start,
  signal: AbortSignal,
  say: Say,
): Promise<FromTrainer> {
  const frames = new FrameBuffer((frame) => say({ type: 'frame', frame }));
  let learn: Learner | null = null;
  try {
    learn = learnerFromSpec(engine, start.spec, start.files, own);
    record(learn, frames, say);
    const phases = planFor(learn, start.spec.policy, start.spec.freeze_to);
    preparePhases(learn, phases);
    say({ type: 'started', ...outline(learn, phases) });
    const stopwatch = new Stopwatch();
    const found = await runPhases(learn, phases, { callbacks: [stopwatch, new Cancel(signal)] });
    frames.flush();
    if (signal.aborted) return { type: 'cancelled', files: [] };
    const files = writeFiles(learn, start.out);
    return { type: 'completed', result: resultOf(learn, found), throughput: stopwatch.throughput, files };
  } catch (error) {
    frames.flush();
    return { type: 'failed', error: jobError(error, learn === null ? {} : positionOf(learn)) };
  }
}

/** Says each batch and each epoch, in their order. */
function record({ recorder }: Learner, frames: FrameBuffer, say: Say): void {
  recorder.onBatch = (record) => frames.add(record);
  recorder.onEpoch = (record) => {
    frames.flush();
    say({ type: 'frame', frame: { type: 'epoch', ...record } });
  };
}

/** What is known of a run before its first batch. */
function outline(learn: Learner, phases: readonly PhasePlan[]): Omit<Started, 'type'> {
  const { engine, data } = learn.options;
  const { name, version, device } = engine;
  const mode = learn.mode!;
  const infos = phases.map((phase, i): PhaseInfo => {
    const { n_epoch, start_epoch, n_iteration, frozen_to } = phase;
    return { phase: i, n_epoch: n_epoch - start_epoch, n_iteration, frozen_to: frozen_to ?? learn.optimizer.frozenTo };
  });
  const total = (of: (info: PhaseInfo) => number) => infos.reduce((sum, info) => sum + of(info), 0);
  return {
    engine: { name, version, device, mode: mode.name, ...(mode.name === 'eager' && { reason: mode.reason }) },
    phases: infos,
    n_epoch: total(({ n_epoch }) => n_epoch),
    n_iteration: total(({ n_iteration }) => n_iteration),
    n_row: { train: data.train.rows, valid: data.valid?.rows ?? 0 },
  };
}

/** Writes what the job leaves behind to the folder `out`; returns the files' names. */
function writeFiles(learn: Learner, out: string): string[] {
  const files = { 'weights.safetensors': weightsFile(learn), 'state.safetensors': stateFile(learn) };
  for (const [name, parts] of Object.entries(files)) writeFileSync(join(out, name), Buffer.concat(parts));
  return Object.keys(files);
}

/** The last epoch's values, or, with `save_best`, the best one's; null where they are no number. */
function resultOf({ lastEpoch, recorder }: Learner, found: LrFindResult | null): JobResult {
  const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
  const metrics = Object.entries(lastEpoch?.metrics ?? {}).map(([name, value]) => [name, finite(value)] as const);
  return {
    train_loss: finite(lastEpoch?.train_loss ?? recorder.smoothLoss.value),
    valid_loss: finite(lastEpoch?.valid_loss ?? null),
    metrics: Object.fromEntries(metrics),
    ...(found !== null && finderResult(found)),
  };
}

const finderResult = ({ stopped, suggestions, reasons }: LrFindResult): Partial<JobResult> => ({
  ...(stopped !== null && { stopped }),
  suggestions,
  reasons,
});

/** The batch that was trained last; nothing before the first. */
function positionOf({ phase, epochsDone, iterationsDone }: Learner) {
  return iterationsDone > 0 ? { phase, epoch: epochsDone, iteration: iterationsDone - 1 } : {};
}
