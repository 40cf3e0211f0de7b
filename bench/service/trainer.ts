/**
 * A trainer that computes nothing, so that what carries its batches on is measured. It speaks the protocol by the real
 * trainer's frame buffer, and runs one job after another. The job's tags: `batches`, `rate` (batches a second; else as
 * fast as they are taken), `stamps` (the file to note in when each was done), `began` (that for when the job was heard of).
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { BatchRecord } from '../../src/learner/index.js';
import type { FromTrainer, ToTrainer } from '../../workers/protocol.js';
import { FrameBuffer } from '../../workers/trainer/frame-buffer.js';
import { stamp } from './stamps.js';

const engine = { name: 'wasm', version: '0', device: 'cpu:0' } as const;
const say = (message: FromTrainer): Promise<void> => new Promise((resolve) => process.send!(message, () => resolve()));
let cancelled = false;

async function train({ spec: { tags } }: Extract<ToTrainer, { type: 'start' }>): Promise<void> {
  if (tags.began) stamp(tags.began, 0);
  const count = Number(tags.batches);
  const intervalMs = 'rate' in tags ? 1000 / Number(tags.rate) : 0;
  await say({
    type: 'started',
    engine,
    phases: [{ phase: 0, n_epoch: 1, n_iteration: count, frozen_to: 0 }],
    n_epoch: 1,
    n_iteration: count,
    n_row: { train: count, valid: 0 },
    resumed: null,
    damaged: [],
  });
  const sending: Promise<void>[] = [];
  const frames = new FrameBuffer((frame) => void sending.push(say({ type: 'frame', frame })));
  const startedMs = performance.now();
  for (let iteration = 0; iteration < count && !cancelled; iteration++) {
    const aheadMs = startedMs + iteration * intervalMs - performance.now();
    if (aheadMs > 0) await sleep(aheadMs);
    if (tags.stamps) stamp(tags.stamps, iteration);
    frames.add(batch(iteration, count));
    if (sending.length === 0) continue;
    await Promise.all(sending.splice(0));
    await turn(); // to hear of a cancellation
  }
  frames.flush();
  await Promise.all(sending);
  if (cancelled) return say({ type: 'stopped' });
  const result = { train_loss: 1, valid_loss: null, metrics: {} };
  return say({ type: 'completed', result, throughput: null, files: [] });
}

/** As many digits as real values have. */
function batch(iteration: number, count: number): BatchRecord {
  const x = (iteration + 1) / count;
  const hypers = { lr: [x / 300], mom: [0.95 - x / 10], sqr_mom: [0.99], eps: [1e-5], wd: [0.01] };
  return { iteration, epoch: 0, phase: 0, raw_loss: Math.exp(-x), loss: Math.exp(-x / 2), hypers };
}

process.on('disconnect', () => process.exit());
process.on('message', (message: ToTrainer) => {
  if (message.type === 'stop') cancelled = true;
  else if (message.type === 'start') {
    cancelled = false;
    void train(message).then(() => say({ type: 'idle' }));
  }
});
await say({ type: 'ready', engine });
