/** How good a model is on another data set. */
import { BatchLoader, openFitted, parseInline, type Batch, type Dataset } from '../../src/data/index.js';
import type { Engine } from '../../src/engine/index.js';
import { losses } from '../../src/learner/losses/index.js';
import { Mean, metrics as allMetrics } from '../../src/learner/metrics/index.js';
import type { KeptModel } from '../../src/models/index.js';
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
export async function evaluate(engine: Engine, { kept, outputs }: WarmModel, request: Evaluation): Promise<string> {
  const dataset = await read(kept, request);
  const meters = request.metrics.map((name) => ({ name, meter: allMetrics[name].start() }));
  const loss = new Mean();
  const rows = Int32Array.from({ length: dataset.rows }, (_, i) => i);
  const loader = new BatchLoader({ dataset, rows, batchSize });
  try {
    for (const next of loader.epoch(0)) {
      const batch = await next;
      const output = await outputs(batch.x, batch.rows);
      loss.add(meanLoss(engine, request, output, batch), batch.rows);
      for (const { meter } of meters) meter.update(output, batch);
    }
  } finally {
    loader.dispose();
  }
  const values = Object.fromEntries(meters.map(({ name, meter }) => [name, finite(meter.value())]));
  return JSON.stringify({ object: 'evaluation', loss: finite(loss.value), metrics: values, rows: dataset.rows });
}

async function read({ processing }: KeptModel, { dataset, rows, uploads, loss }: Evaluation): Promise<Dataset> {
  const kind = losses[loss].target;
  if (rows !== undefined) return parseInline(await jsonOf(rows), kind);
  return openFitted(dataset, processing, { kind, ...(uploads && { uploads }) });
}

function meanLoss(engine: Engine, { loss }: Evaluation, output: Float32Array, { rows, y }: Batch): number {
  const { tf } = engine;
  const width = output.length / rows;
  const of = (): number => {
    const target = y instanceof Int32Array ? tf.tensor1d(y, 'int32') : tf.tensor2d(y, [rows, y.length / rows]);
    return losses[loss].compute(engine, tf.tensor2d(output, [rows, width]), target).dataSync()[0];
  };
  return tf.tidy(of);
}

/** JSON has no word for numbers that are not finite. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
