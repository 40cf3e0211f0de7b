/** Runs one attempt in a trainer, appends what it says to the job's log, and moves what it made to storage. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attempt, Outcome } from '../../src/jobs/log/attempt.js';
import { artifacts } from '../../src/jobs/artifacts.js';
import type { Storage } from '../../src/storage/index.js';
import type { FromTrainer, ToTrainer } from '../protocol.js';
import type { TrainerProcess } from './trainer-process.js';
import type { Trainers } from './trainer-pool.js';

/** How long a trainer has to end by itself when it is asked to. */
const graceMs = 5000;

type Ending = Extract<FromTrainer, { type: 'completed' | 'failed' | 'cancelled' }>;

/**
 * Runs one attempt to its end, or until `signal` is aborted with an Interruption as its reason. A trainer is taken from
 * `trainers`, and is gone when this settles.
 * @throws what Redis or the storage refused to store.
 */
export async function runAttempt(
  attempt: Attempt,
  signal: AbortSignal,
  trainers: Trainers,
  storage: Storage,
): Promise<Outcome> {
  const out = await storage.workFolder(`${attempt.id}-${attempt.number}`);
  const start: ToTrainer = {
    type: 'start',
    job: attempt.id,
    attempt: attempt.number,
    spec: attempt.record.spec,
    out,
    files: await inputFiles(attempt, storage),
  };
  const trainer = trainers.take();
  const release = interruptBy(signal, trainer);
  try {
    const ending = supervise(trainer, attempt, () => trainers.keepWarm());
    trainer.ready.then(
      () => trainer.send(start),
      () => undefined,
    );
    const end = await ending;
    return typeof end === 'string' ? crashed(end, trainer) : await keep(end, attempt, out, storage);
  } finally {
    release();
    trainer.kill();
    await trainer.gone;
    await rm(out, { recursive: true, force: true });
    trainers.keepWarm();
  }
}

/**
 * Ends the trainer when the attempt is interrupted: one that trains and is cancelled may end by itself, any other is
 * killed.
 */
function interruptBy(signal: AbortSignal, trainer: TrainerProcess): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    if (signal.reason !== 'cancel' || !trainer.busy) {
      trainer.kill();
      return;
    }
    trainer.send({ type: 'cancel' });
    timer = setTimeout(() => trainer.kill(), graceMs);
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearTimeout(timer);
  };
}

/** Brings what the trainer says to the job's log, up to its last word; a string says of what it died without one. */
function supervise(trainer: TrainerProcess, attempt: Attempt, onStarted: () => void): Promise<Ending | string> {
  return new Promise((resolve, reject) => {
    trainer.listen((message) => {
      try {
        if (message.type === 'started') {
          attempt.begin(message);
          onStarted();
        } else if (message.type === 'frame') attempt.append(message.frame);
        else if (message.type !== 'ready') resolve(message);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    void trainer.gone.then(resolve);
  });
}

async function inputFiles(attempt: Attempt, storage: Storage): Promise<Extract<ToTrainer, { type: 'start' }>['files']> {
  const { dataset, model, continue_from } = attempt.record.spec;
  return {
    ...('inline' in dataset && { dataset: await storage.path(artifacts.dataset(attempt.inputs)) }),
    ...(continue_from && { continue_from: await storage.path(artifacts.state(continue_from.job)) }),
    ...(model.weights && !continue_from && { weights: await storage.path(artifacts.weightsBefore(attempt.inputs)) }),
  };
}

const crashed = (why: string, { outOfMemory }: TrainerProcess): Outcome => ({
  type: 'crashed',
  error: {
    code: outOfMemory ? 'out_of_memory' : 'trainer_crashed',
    message: `The trainer ended unexpectedly: ${why}.`,
  },
});

/** Keeps what a trainer leaves behind, if the job is still this attempt's. */
async function keep(end: Ending, attempt: Attempt, out: string, storage: Storage): Promise<Outcome> {
  if (end.type === 'failed') return { type: 'failed', error: end.error };
  await attempt.flush();
  if (attempt.lost) return { type: 'cancelled' };
  for (const file of end.files) await storage.put(artifacts.result(attempt.id, file), { file: join(out, file) });
  if (end.type === 'cancelled') return { type: 'cancelled' };
  return { type: 'completed', result: end.result, throughput: end.throughput };
}
