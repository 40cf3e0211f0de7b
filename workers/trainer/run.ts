/** One attempt at a job, from its spec to its result. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadCount } from '../../src/config.js';
import type { Engine } from '../../src/engine/index.js';
import {
  between,
  Checkpointer,
  type Finish,
  Finisher,
  type Learner,
  type LrFindResult,
  type OwnCallbacks,
  planFor,
  preparePhases,
  runPhases,
  Stopwatch,
  weightsFile,
} from '../../src/learner/index.js';
import { modelMetadata } from '../../src/models/index.js';
import type { PhasePlan } from '../../src/schedule/index.js';
import type { JobSpec } from '../../src/request/spec.js';
import type { JsonObject } from '../../src/schema/json.js';
import type { FromTrainer, JobResult, PhaseInfo, ToTrainer } from '../protocol.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import type { Control } from './control.js';
import { finite } from '../../src/numbers/thin.js';
import { finiteValues, notFinite } from '../finite.js';
import { FrameBuffer } from './frame-buffer.js';
import { jobError } from './job-error.js';
import { learnerFromSpec } from '../../src/library/learner-from-spec.js';
import { machineOf, resumption } from './resume.js';

type Start = Extract<ToTrainer, { type: 'start' }>;
type Started = Extract<FromTrainer, { type: 'started' }>;
const weightsName = 'weights.safetensors';

type Say = (message: FromTrainer) => void;

/** What a trainer has before a job comes, and keeps from job to job. */
export interface TrainerParts {
  engine: Engine;
  /** The custom callbacks that jobs can name. */
  own: OwnCallbacks;
}

/** How an attempt ended. */
export type Ended = Extract<FromTrainer, { type: 'completed' | 'stopped' | 'failed' }>;

/**
 * Runs one attempt at a job and says how it goes, at last how it ended, which it returns. Then it gives back what the
 * attempt took: the engine's memory, threads.
 * @throws what giving back throws, nothing of the attempt's
 */
export async function train(parts: TrainerParts, start: Start, control: Control, say: Say): Promise<Ended> {
  const taken: { dispose(): void }[] = [];
  const ended = await run(parts, start, control, say, (each) => taken.push(each));
  say(ended);
  for (const each of taken) each.dispose();
  parts.engine.layers.seed.current = null;
  return ended;
}

/** `take` is told what must be disposed of afterwards. */
async function run(
  { engine, own }: TrainerParts,
  start: Start,
  control: Control,
  say: Say,
  take: (taken: { dispose(): void }) => void,
): Promise<Ended> {
  const frames = new FrameBuffer((frame) => say({ type: 'frame', frame }));
  let learn: Learner | null = null;
  let writer: CheckpointWriter | null = null;
  try {
    engine.expect?.(purposeOf(start.spec)); // beside the rows that are read, the weights that are drawn
    const made = await learnerFromSpec(engine, start.spec, start.files, own, start.out);
    learn = made.learn;
    take(learn);
    const model = modelMetadata(made.kept);
    record(learn, frames, say);
    const phases = planFor(learn, start.spec.policy, start.spec.freeze_to);
    preparePhases(learn, phases);
    const machine = machineOf(engine, learn.mode!.name);
    const { checkpoint: resume, ...resumed } = resumption(learn, start.resume, machine);
    say({ type: 'started', ...outline(learn, phases), ...resumed });
    if (resume?.position.phase === phases.length && resume.callbacks && start.spec.finish) {
      const { snapshot, position } = resume;
      say(finishing(learn, start.spec.finish, phases.length, snapshot.epochsDone - position.epoch));
    }
    writer = new CheckpointWriter(learn, start.out, { machine, ...model }, say, () => frames.flush());
    take(writer);
    const checkpointer = new Checkpointer(writer, start.spec.checkpoint_seconds * 1000);
    const finisher = finisherOf(learn, start, phases, say);
    control.connect({ checkpointer, finisher, writer });
    const stopwatch = new Stopwatch();
    const found = await runPhases(learn, phases, {
      callbacks: [stopwatch, checkpointer],
      resume,
      afterPhase: (checkpoint) => checkpointer.afterPhase(checkpoint),
      finisher,
    });
    frames.flush();
    if (checkpointer.stopped) {
      await writer.settled();
      return { type: 'stopped' };
    }
    writer.save(between(learn, learn.phase + 1), 'final');
    writeFileSync(join(start.out, weightsName), Buffer.concat(weightsFile(learn, model)));
    await writer.settled();
    const { throughput } = stopwatch;
    return { type: 'completed', result: resultOf(learn, found), throughput, files: [weightsName] };
  } catch (error) {
    frames.flush();
    // What was best before it failed is worth having; an error in that would hide this one.
    await writer?.settled().catch(() => undefined);
    return { type: 'failed', error: jobError(error, learn === null ? {} : positionOf(learn)) };
  }
}

/** What of a spec its compiled steps may depend on: a job that is equal in this most likely has the same ones. */
function purposeOf(spec: JobSpec): JsonObject {
  const { dataset, split, model, loss, optimizer, batch_size, shuffle, drop_last, train_bn, wd_bn_bias } = spec;
  const { callbacks, policy, freeze_to } = spec;
  const shaping = { dataset, split, model, loss, optimizer, batch_size, shuffle, drop_last, train_bn, wd_bn_bias };
  return { ...shaping, callbacks, policy: policy.name, freeze_to: freeze_to ?? null };
}

/** Says each batch and each epoch, in their order. */
function record({ recorder }: Learner, frames: FrameBuffer, say: Say): void {
  recorder.onBatch = (record) => frames.add(record);
  recorder.onEpoch = ({ confusion_matrix: _, ...record }) => {
    frames.flush();
    say({ type: 'frame', frame: { type: 'epoch', ...record } });
  };
}

/** What is known of a run before its first batch. */
function outline(learn: Learner, phases: readonly PhasePlan[]): Omit<Started, 'type' | 'resumed' | 'damaged'> {
  const { engine, data } = learn.options;
  const { name, version, device } = engine;
  const mode = learn.mode!;
  const infos = phases.map((phase, i): PhaseInfo => {
    const { n_epoch, start_epoch, n_iteration, frozen_to } = phase;
    return { phase: i, n_epoch: n_epoch - start_epoch, n_iteration, frozen_to: frozen_to ?? learn.optimizer.frozenTo };
  });
  const total = (of: (info: PhaseInfo) => number) => infos.reduce((sum, info) => sum + of(info), 0);
  return {
    engine: {
      name,
      version,
      device,
      mode: mode.name,
      ...(mode.name === 'eager' && { reason: mode.reason }),
      threads: threadCount(),
    },
    phases: infos,
    n_epoch: total(({ n_epoch }) => n_epoch),
    n_iteration: total(({ n_iteration }) => n_iteration),
    n_row: { train: data.train.rows, valid: data.valid?.rows ?? 0 },
  };
}

/** Leaves the schedule where the spec says so, or a client, and says where. */
function finisherOf(learn: Learner, { spec }: Start, phases: readonly PhasePlan[], say: Say): Finisher {
  return new Finisher(spec.finish ?? null, (finish) => {
    say(finishing(learn, finish, phases.length, learn.epochsDone));
  });
}

/** What is said of a cooldown: `phase` is its index, `epochs` the epochs before it. */
function finishing(learn: Learner, finish: Finish, phase: number, epochs: number): FromTrainer {
  const { iteration, cooldown: n_epoch } = finish;
  const n_iteration = n_epoch * learn.options.data.train.batches;
  const info: PhaseInfo = { phase, n_epoch, n_iteration, frozen_to: learn.optimizer.frozenTo };
  return { type: 'finishing', finish, phase: info, n_epoch: epochs + n_epoch, n_iteration: iteration + n_iteration };
}

/** The last epoch's values, or, with `save_best`, the best one's; null where they are no number. */
function resultOf({ lastEpoch, recorder }: Learner, found: LrFindResult | null): JobResult {
  const train_loss = lastEpoch?.train_loss ?? recorder.smoothLoss.value;
  const [valid_loss, metrics] = [lastEpoch?.valid_loss ?? null, lastEpoch?.metrics ?? {}];
  const not_finite = notFinite({ train_loss, valid_loss, ...metrics });
  return {
    train_loss: finite(train_loss),
    valid_loss: finite(valid_loss),
    metrics: finiteValues(metrics),
    ...(not_finite.length > 0 && { not_finite }),
    ...(lastEpoch?.confusion_matrix && { confusion_matrix: lastEpoch.confusion_matrix }),
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
