/** How good a Learner's model is on the rows that validate. */
import type { Batch } from '../data/index.js';
import { OnecycleError } from '../errors.js';
import type { Learner } from '../learner/index.js';
import { Mean, type MetricSpec } from '../learner/metrics/index.js';
import { Meters, type MeasuredValues } from '../learner/metrics/meters.js';
import { joined } from '../numbers/joined.js';

/** The mean loss, and the metrics by name. */
export interface Validation extends MeasuredValues {
  loss: number;
}

/** @throws OnecycleError `not_available` where no rows validate */
export async function validate(learn: Learner, metrics: readonly MetricSpec[]): Promise<Validation> {
  const [mean, meters] = [new Mean(), new Meters(metrics)];
  await forEachBatch(learn, (batch, { loss, output }) => {
    mean.add(loss, batch.rows);
    meters.update(output, batch);
  });
  return { loss: mean.value, ...meters.values() };
}

/** The outputs of the rows that validate, one after another, and their targets. @throws OnecycleError as `validate` */
export async function outputsOf(learn: Learner): Promise<{ output: Float32Array; targets: number[] | number[][] }> {
  const outputs: Float32Array[] = [];
  const values: number[] = [];
  await forEachBatch(learn, ({ y }, { output }) => {
    outputs.push(output);
    for (const value of y) values.push(value);
  });
  const { target } = learn.options.data.dataset;
  const output = joined(outputs, Float32Array);
  if (target.kind === 'classes') return { output, targets: values };
  const width = target.outputs;
  const rows = Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
  return { output, targets: rows };
}

type Visit = (batch: Batch, found: { loss: number; output: Float32Array }) => void;

async function forEachBatch(learn: Learner, visit: Visit): Promise<void> {
  const { valid } = learn.options.data;
  if (valid === null)
    throw new OnecycleError('not_available', 'There are no validation rows: all rows are for training');
  for (const next of valid.epoch(0)) {
    const batch = await next;
    visit(batch, learn.evaluate(batch));
  }
}
