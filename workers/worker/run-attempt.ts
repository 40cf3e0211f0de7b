/** Runs one attempt in a trainer, appends what it says to the job's log, and moves what it made to storage. */
import { AsyncResource } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import { mostStarts } from '../../src/child-process.js';
import type { Attempt, Interruption, Outcome } from '../../src/jobs/log/attempt.js';
import { artifacts } from '../../src/jobs/artifacts.js';
import { workFolders } from '../../src/jobs/work-folders.js';
import { removeUnknownCheckpoints } from '../../src/jobs/checkpoints.js';
import type { Storage } from '../../src/storage/index.js';
import type { FromTrainer, StopReason, StoredCheckpoint, ToTrainer } from '../protocol.js';
import { attemptFolder, type AttemptFolder } from './attempt-folder.js';
import { causeOfDeath } from './cause-of-death.js';
import { KeptCheckpoints } from './kept-checkpoints.js';
import { oomKills } from './oom-kills.js';
import type { TrainerProcess } from './trainer-process.js';
import type { Trainers } from './trainer-pool.js';
import { uploadedFile } from './uploaded-file.js';
import { Watchdog } from './watchdog.js';

/** How long a trainer has to end by itself when it is asked to; less than its worker has (main.ts). */
const graceMs = 4000;

type Start = Extract<ToTrainer, { type: 'start' }>;
type Ending = Extract<FromTrainer, { type: 'completed' | 'failed' | 'stopped' }>;

/** What a trainer is told where the attempt may end in its own time; at anything else it is killed. */
const stopReasons: Partial<Record<Interruption, StopReason>> = {
  cancel: 'cancelled',
  pause: 'paused',
  shutdown: 'shutdown',
};

/**
 * Runs one attempt to its end, or until `signal` is aborted with an Interruption as its reason. A trainer is taken from
 * `trainers`; when this settles it was given back there, or is gone.
 * @throws what Redis or the storage refused to store.
 */
export async function runAttempt(
  attempt: Attempt,
  signal: AbortSignal,
  trainers: Trainers,
  storage: Storage,
  dataDir: string,
): Promise<Outcome> {
  const used = new AbortController();
  try {
    return await runWith(attempt, signal, trainers, storage, dataDir, used.signal);
  } finally {
    used.abort();
  }
}

/** What the attempt reads stays on this machine until `used` is aborted. */
async function runWith(
  attempt: Attempt,
  signal: AbortSignal,
  trainers: Trainers,
  storage: Storage,
  dataDir: string,
  used: AbortSignal,
): Promise<Outcome> {
  const out = await storage.workFolder(workFolders.attempt(attempt.id, attempt.number));
  try {
    const folder = await attemptFolder(out, dataDir, trainers.user);
    const start = await startOf(attempt, storage, folder, used);
    for (let left = mostStarts - 1; ; left--) {
      const { outcome, begun } = await runIn(start, attempt, signal, trainers, storage, folder);
      if (outcome.type !== 'crashed' || begun || left === 0 || signal.aborted) return outcome;
      attempt.warn({ error: outcome.error }, 'a trainer died before it had begun: another one takes its place');
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function startOf(attempt: Attempt, storage: Storage, folder: AttemptFolder, used: AbortSignal): Promise<Start> {
  const path = async (name: string) => folder.lend(await storage.path(name, used));
  const [files, resume] = await Promise.all([inputFiles(attempt, path), resumeFiles(attempt, storage, path)]);
  const { id, number, record } = attempt;
  return { type: 'start', job: id, attempt: number, spec: record.spec, out: folder.out, files, resume };
}

/** What becomes of the attempt in the trainer that is next, and whether that has heard of it at all. */
async function runIn(
  start: Start,
  attempt: Attempt,
  signal: AbortSignal,
  trainers: Trainers,
  storage: Storage,
  folder: AttemptFolder,
): Promise<{ outcome: Outcome; begun: boolean }> {
  const killsBefore = oomKills();
  const trainer = await trainers.take(attempt.tenant, attempt.share);
  const release = interruptBy(signal, trainer);
  const watchdog = new Watchdog(attempt.record.spec.stall_seconds * 1000, () => trainer.kill());
  let clean = false;
  try {
    const kept = new KeptCheckpoints(attempt, folder, storage, () => trainer.send({ type: 'kept' }));
    const ending = supervise(trainer, attempt, kept, watchdog, () => trainers.keepWarmSoon());
    whenReady(trainer, start);
    attempt.onAsked = (asked) => whenReady(trainer, asked);
    const end = await ending;
    watchdog.stop();
    await kept.settled();
    if (typeof end !== 'string') {
      const outcome = await keep(end, attempt, folder, storage);
      clean = end.type !== 'failed';
      return { outcome, begun: true };
    }
    const error = causeOfDeath({
      how: end,
      lastWords: trainer.lastWords,
      stalledSeconds: watchdog.fired ? attempt.record.spec.stall_seconds : null,
      killedForMemory: trainer.killedByOthers && ((await oomKills()) ?? 0) > ((await killsBefore) ?? 0),
    });
    return { outcome: { type: 'crashed', error }, begun: trainer.begun || watchdog.fired };
  } finally {
    watchdog.stop();
    attempt.onAsked = () => undefined;
    release();
    trainer.listen(() => undefined);
    if (clean) trainers.giveBack(trainer, attempt.tenant);
    else {
      trainer.kill();
      await trainer.gone;
    }
    trainers.keepWarmSoon();
  }
}

/** What comes before it has loaded its engine waits, in its order. */
function whenReady(trainer: TrainerProcess, message: ToTrainer): void {
  trainer.ready.then(
    () => trainer.send(message),
    () => undefined,
  );
}

/**
 * Ends the trainer when the attempt is interrupted: one that trains may make a checkpoint and end by itself, where
 * there is time; any other is killed.
 */
function interruptBy(signal: AbortSignal, trainer: TrainerProcess): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    const reason = stopReasons[signal.reason as Interruption];
    if (reason === undefined || !trainer.busy) {
      trainer.kill();
      return;
    }
    trainer.send({ type: 'stop', reason });
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
function supervise(
  trainer: TrainerProcess,
  attempt: Attempt,
  kept: KeptCheckpoints,
  watchdog: Watchdog,
  onFirstFrame: () => void,
): Promise<Ending | string> {
  let first = true;
  return new Promise((resolve, reject) => {
    // What is logged of what it says is of this attempt's trace: the process is older.
    const hear = (message: FromTrainer): void => {
      watchdog.heard();
      try {
        if (message.type === 'started') attempt.begin(message);
        else if (message.type === 'frame') {
          attempt.append(message.frame);
          if (first) onFirstFrame();
          first = false;
        } else if (message.type === 'checkpoint') kept.keep(message);
        else if (message.type === 'finishing') attempt.finish(message);
        else if (message.type === 'checkpoint_failed') attempt.warn(message, 'a checkpoint could not be written');
        else if (message.type === 'completed' || message.type === 'failed' || message.type === 'stopped')
          resolve(message);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    trainer.listen(AsyncResource.bind(hear));
    void trainer.gone.then(resolve);
  });
}

type Files = Extract<ToTrainer, { type: 'start' }>['files'];

type PathOf = (name: string) => Promise<string>;

async function inputFiles(attempt: Attempt, path: PathOf): Promise<Files> {
  const { dataset, split, model, continue_from } = attempt.record.spec;
  return {
    ...('stored' in dataset && {
      uploads: await Promise.all(
        [dataset.stored.sha256, ...('dataset' in split ? [split.stored.sha256] : [])].map((sha256) =>
          uploadedFile(path, sha256, dataset.stored.kind === 'images'),
        ),
      ),
    }),
    ...('inline' in dataset && { dataset: await path(artifacts.dataset(attempt.inputs)) }),
    ...(continue_from && {
      continue_from: await path(artifacts.checkpoint(continue_from.job, continue_from.checkpoint)),
    }),
    ...(model.stored && !continue_from && { model: await path(artifacts.model(model.stored.sha256)) }),
    ...(model.weights && !continue_from && { weights: await path(artifacts.weightsBefore(attempt.inputs)) }),
  };
}

/** The checkpoints that the attempt may go on from, the newest first. */
async function resumeFiles(attempt: Attempt, storage: Storage, path: PathOf): Promise<StoredCheckpoint[]> {
  await removeUnknownCheckpoints(storage, attempt.id, attempt.checkpoints);
  return Promise.all(
    attempt.checkpoints.map(async ({ job, id, sha256 }) => ({
      id,
      sha256,
      path: await path(artifacts.checkpoint(job, id)),
    })),
  );
}

/** Keeps what a trainer leaves behind; whether the job is still this attempt's turns out as it is ended. */
async function keep(end: Ending, attempt: Attempt, folder: AttemptFolder, storage: Storage): Promise<Outcome> {
  // There may be room the next time.
  if (end.type === 'failed') return { type: end.error.code === 'disk_full' ? 'crashed' : 'failed', error: end.error };
  if (end.type === 'stopped') return { type: 'stopped' };
  await attempt.stored();
  if (attempt.lost) return { type: 'stopped' };
  const { id, number } = attempt;
  for (const file of end.files)
    await storage.put(artifacts.result(id, number, file), { file: await folder.take(file) });
  return { type: 'completed', result: end.result, throughput: end.throughput };
}
