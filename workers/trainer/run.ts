import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/index.js';
import { OnecycleError } from '../../src/errors.js';
import type { JobSpec } from '../../src/request/types.js';
import {
  type Callback,
  cancelFit,
  type Learner,
  planFor,
  preparePhases,
  runPhases,
  stateFile,
  type Stopped,
  weightsFile,
} from '../../src/learner/index.js';
import type { EpochRecord } from '../../src/learner/callbacks/recorder.js';
import type { PhasePlan } from '../../src/schedule/index.js';
import { FrameBuffer } from './frame-buffer.js';
import { learnerFromSpec } from './learner-from-request.js';
import type { FromTrainer, JobError, PhaseInfo, ToTrainer } from '../protocol.js';
import { Stopwatch } from '../../src/learner/callbacks/stopwatch.js';

type Start = Extract<ToTrainer, { type: 'start' }>;
type Say = (message: FromTrainer) => void;

/** Ends the fit, after the batch in hand, when its signal says so. */
class Cancel implements Callback {
  readonly name = 'cancel';
  readonly order = 900;

  constructor(private readonly signal: AbortSignal) {}

  before_batch(): void {
    if (this.signal.aborted) throw cancelFit();
  }
}

/** Runs one attempt at a job and says how it goes; what it returns is how it ended, to be said last. */
export async function train(engine: Engine, start: Start, signal: AbortSignal, say: Say): Promise<FromTrainer> {
  let learn: Learner | null = null;
  const frames = new FrameBuffer((frame) => say({ type: 'frame', frame }));
  try {
    learn = learnerFromSpec(engine, start.spec, start.files);
    const stopwatch = new Stopwatch();
    const stopped = await run(learn, start.spec, say, frames, [stopwatch, new Cancel(signal)]);
    frames.flush();
    return signal.aborted ? { type: 'cancelled', files: [] } : completed(learn, start, stopwatch, stopped);
  } catch (error) {
    frames.flush();
    return { type: 'failed', error: describe(error, learn) };
  }
}

async function run(
  learn: Learner,
  spec: JobSpec,
  say: Say,
  frames: FrameBuffer,
  callbacks: Callback[],
): Promise<Stopped> {
  const phases = planFor(learn, spec.policy, spec.freeze_to);
  learn.recorder.onBatch = (record) => frames.add(record);
  learn.recorder.onEpoch = (record) => {
    frames.flush();
    say({ type: 'frame', frame: { type: 'epoch', ...record } });
  };
  preparePhases(learn, phases);
  say({ type: 'started', ...outline(learn, phases) });
  return runPhases(learn, phases, callbacks);
}

function outline(
  learn: Learner,
  phases: readonly PhasePlan[],
): Omit<Extract<FromTrainer, { type: 'started' }>, 'type'> {
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

function completed(learn: Learner, { out }: Start, stopwatch: Stopwatch, stopped: Stopped): FromTrainer {
  const files = { 'weights.safetensors': weightsFile(learn), 'state.safetensors': stateFile(learn) };
  for (const [name, parts] of Object.entries(files)) writeFileSync(join(out, name), Buffer.concat(parts));
  return {
    type: 'completed',
    result: resultOf(learn, learn.lastEpoch),
    throughput: stopwatch.throughput,
    ...(stopped !== null && { stopped }),
    files: Object.keys(files),
  };
}

function resultOf(learn: Learner, epoch: EpochRecord | null): Extract<FromTrainer, { type: 'completed' }>['result'] {
  const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
  const metrics = Object.fromEntries(
    Object.entries(epoch?.metrics ?? {}).map(([name, value]) => [name, finite(value)]),
  );
  return {
    train_loss: finite(epoch?.train_loss ?? learn.recorder.smoothLoss.value),
    valid_loss: finite(epoch?.valid_loss ?? null),
    metrics,
  };
}

function describe(error: unknown, learn: Learner | null): JobError {
  const known = error instanceof OnecycleError ? error : asOutOfMemory(error);
  const position =
    learn !== null && learn.iterationsDone > 0
      ? { phase: learn.phase, epoch: learn.epochsDone, iteration: learn.iterationsDone - 1 }
      : {};
  if (known !== null)
    return {
      code: known.code,
      message: known.message,
      ...(known.problems.length > 0 && { problems: [...known.problems] }),
      ...position,
    };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), ...position };
}

/** TensorFlow says so when an allocation fails; the process lives on. */
function asOutOfMemory(error: unknown): OnecycleError | null {
  const text = String(error);
  return /OOM when allocating|RESOURCE_EXHAUSTED|Array buffer allocation failed/i.test(text)
    ? new OnecycleError('out_of_memory', text)
    : null;
}
