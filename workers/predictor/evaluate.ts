/** How good a model is on another data set. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchLoader, openFitted, parseInline, type Batch, type Dataset } from '../../src/data/index.js';
import type { Engine } from '../../src/engine/index.js';
import { lossTarget, makeLoss, type LossFunction, type LossSpec } from '../../src/learner/losses/index.js';
import { Mean } from '../../src/learner/metrics/index.js';
import { Meters } from '../../src/learner/metrics/meters.js';
import type { KeptModel } from '../../src/models/index.js';
import { finite } from '../../src/numbers/thin.js';
import { finiteValues } from '../finite.js';
import type { ToPredictor } from '../protocol.js';
import { jsonOf } from './given.js';
import type { WarmModel } from './models.js';

type Evaluation = Extract<ToPredictor, { type: 'evaluate' }>;

const batchSize = 64;

/**
 * The mean loss and the metrics over all rows of a data set, as the JSON that the client is answered. Predictions get
 * their turn between two batches.
 * @throws OnecycleError as `openFitted`
 */
export async function evaluate(engine: Engine, model: WarmModel, request: Evaluation): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'onecycle-evaluation-'));
  try {
    return await evaluateOn(engine, await read(model.kept, request, scratch), model, request);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function evaluateOn(
  engine: Engine,
  dataset: Dataset,
  { kept, outputs }: WarmModel,
  request: Evaluation,
): Promise<string> {
  const rows = Int32Array.from({ length: dataset.rows }, (_, i) => i);
  const loss = makeLoss(lossOf(kept), { target: kept.vocabulary.target, y: dataset.y, rows });
  const meters = new Meters(request.metrics);
  const mean = new Mean();
  const loader = new BatchLoader({ dataset, rows, batchSize });
  try {
    for (const next of loader.epoch(0)) {
      const batch = await next;
      const output = await outputs(batch.x, batch.rows);
      mean.add(meanLoss(engine, loss, output, batch), batch.rows);
      meters.update(output, batch);
    }
  } finally {
    loader.dispose();
  }
  const { metrics, ...others } = meters.values();
  const values = { loss: finite(mean.value), metrics: finiteValues(metrics), ...others };
  const answer = { object: 'evaluation', ...values, rows: dataset.rows };
  return JSON.stringify(answer);
}

const lossOf = (kept: KeptModel): LossSpec => kept.loss as LossSpec; // the trainer wrote it

/** `scratch`: a folder for rows that are too many for memory. */
async function read(kept: KeptModel, { dataset, rows, uploads }: Evaluation, scratch: string): Promise<Dataset> {
  const kind = lossTarget(lossOf(kept));
  if (rows !== undefined) return parseInline(await jsonOf(rows), kind);
  return openFitted(dataset, kept.processing, { kind, scratch, ...(uploads && { uploads }) });
}

function meanLoss(engine: Engine, loss: LossFunction, output: Float32Array, { rows, y }: Batch): number {
  const { tf } = engine;
  const of = (): number => {
    const target = y instanceof Int32Array ? tf.tensor1d(y, 'int32') : tf.tensor2d(y, [rows, y.length / rows]);
    return loss.compute(engine, tf.tensor2d(output, [rows, output.length / rows]), target).dataSync()[0];
  };
  return tf.tidy(of);
}
