/** What fastai's tables and its TabularModel do (data/tabular.py), beside ours on an engine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTable, type TableRoles } from '../../src/data/processing/table/open.js';
import { table } from '../../src/data/processing/table.js';
import type { PreparedRows } from '../../src/data/index.js';
import type { ModelInput } from '../../src/data/types.js';
import type { Engine, Run } from '../../src/engine/index.js';
import { BatchLoader, fitOneCycle, Learner, planModel } from '../../src/learner/index.js';
import { makeLoss } from '../../src/learner/losses/index.js';
import { ModelOnEngine } from '../../src/learner/model-on-engine.js';
import { tensorName, type ModelPlan } from '../../src/models/index.js';
import { completeOptimizer, Optimizer } from '../../src/optimizer/index.js';
import { rowsOf, sourceOf, type PlainColumns } from '../data/tables.js';
import { root } from '../e2e/harness.js';
import { absolute, Comparison, relative } from './compare.js';

/** Columns, and what they are for. */
interface GoldenTable {
  columns: PlainColumns;
  categorical: string[];
  continuous: string[];
  targets: string[];
}

export interface GoldenProcessing extends GoldenTable {
  name: string;
  train: number[];
  fill_missing: NonNullable<TableRoles['fill_missing']>;
  cat_names: string[];
  classes: string[][];
  means: number[];
  stds: number[];
  /** Categories as indexes, then the other columns. */
  x: number[][];
  y: number[][];
  vocab: string[] | null;
}

export interface GoldenModel {
  cardinalities: number[];
  continuous: number;
  outputs: number;
  classes: boolean;
  arguments: { layers: number[] } & Record<string, unknown>;
  /** Of the embeddings. */
  sizes: number[];
  /** What stands after what, the embeddings and the batch norm of numbers aside. */
  modules: string[];
  weights: number[][];
  x: number[][];
  y: number[] | number[][];
  output: number[][];
  loss: number;
  gradients: number[][];
  /** Weights and outputs after a step of SGD at a rate of 0.1. */
  after: number[][];
  output_after: number[][];
}

export interface GoldenRun extends GoldenTable {
  /** How many of the first rows train. */
  train: number;
  arguments: Record<string, unknown>;
  weights: number[][];
  raw_losses: number[];
  smooth_losses: number[];
  lrs: number[];
  epochs: [train: number, valid: number][];
  weights_after: number[][];
  held_out: PlainColumns;
  predictions: number[][];
}

interface Golden {
  emb_sz_rule: [number, number][];
  processing: GoldenProcessing[];
  models: GoldenModel[];
  cont_cat_split: {
    columns: { name: string; type: 'number' | 'text' | 'date'; integer: boolean; missing: number; unique: number }[];
    target: string;
    continuous: string[];
    categorical: string[];
  };
  structures: Pick<GoldenModel, 'arguments' | 'modules'>[];
  runs: GoldenRun[];
}

export const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'data', 'tabular.json'), 'utf8')) as Golden;

/** What the columns of a golden table are for. */
export const rolesOf = (of: GoldenTable, classes: boolean): TableRoles => ({
  categorical: of.categorical,
  continuous: of.continuous,
  target: classes ? { kind: 'classes', column: of.targets[0] } : { kind: 'values', columns: of.targets },
});

const tolerance = 1e-4;
/** Of the runs. */
const batchSize = 32;
const toArrays = (values: number[][]): Float32Array[] => values.map((value) => Float32Array.from(value));
const learned = ({ parameters }: ModelPlan) => parameters.filter(({ kind }) => kind !== 'statistic');

/** The preset's plan for rows of these columns. */
export function planOf(
  of: Pick<GoldenModel, 'cardinalities' | 'continuous' | 'outputs' | 'classes' | 'arguments' | 'sizes'>,
): ModelPlan {
  const names = of.cardinalities.map((_, i) => `c${i}`);
  const input: ModelInput = {
    x_shape: [of.cardinalities.length + of.continuous],
    target: of.classes ? { kind: 'classes', classes: of.outputs } : { kind: 'values', outputs: of.outputs },
    features: { cardinalities: of.cardinalities, continuous: of.continuous, names },
  };
  const emb_szs = Object.fromEntries(names.map((name, i) => [name, of.sizes[i]]));
  return planModel({ preset: 'tabular', ...of.arguments, emb_szs }, input);
}

/** Evaluates, takes one step of SGD, evaluates again. Returns how the step ran. */
export function compareModel(engine: Engine, expected: GoldenModel): Run['mode'] | null {
  const model = planOf(expected);
  const comparison = new Comparison();
  const rows = expected.x.length;
  const batch = {
    rows,
    x: Float32Array.from(expected.x.flat()),
    y: expected.classes ? Int32Array.from(expected.y.flat()) : Float32Array.from(expected.y.flat()),
  };
  const groups = learned(model).map(({ kind }) => ({ group: 0, decays: kind === 'weight', forceTrain: false }));
  // At a momentum of 0 what the optimizer keeps is the gradient itself.
  const optimizer = new Optimizer(completeOptimizer({ name: 'sgd', mom: 0.5, wd: 0 }), groups, 1, 0.1);
  optimizer.setHyper('mom', [0]);
  const target = expected.classes
    ? ({ kind: 'classes', classes: expected.outputs } as const)
    : ({ kind: 'values', outputs: expected.outputs } as const);
  const loss = makeLoss(expected.classes ? 'cross_entropy' : 'mse', { target, y: batch.y, rows: new Int32Array(0) });
  const sizes = { train: [rows], valid: [rows] };
  const run = new ModelOnEngine(
    { engine, model, loss, optimizer, data: { x: batch.x, target }, sizes, options: {}, seed: 1 },
    toArrays(expected.weights),
  );
  const close = (what: string, actual: Iterable<number>, wanted: number[]) =>
    comparison.numbers(what, [...actual], wanted, absolute, tolerance * Math.max(...wanted.map(Math.abs), 1e-2));
  close('output', run.evaluate(batch).output, expected.output.flat());
  close('loss', [run.train(batch, { iteration: 0, apply: true, scale: 1 })], [expected.loss]);
  const values = run.read();
  const count = model.parameters.length;
  learned(model).forEach((parameter, i) =>
    close(`gradient of ${tensorName(parameter)}`, values[count + i], expected.gradients[i]),
  );
  model.parameters.forEach((parameter, i) => close(`${tensorName(parameter)} after`, values[i], expected.after[i]));
  close('output after', run.evaluate(batch).output, expected.output_after.flat());
  const { mode } = run;
  run.release();
  assert.deepEqual(comparison.failures.slice(0, 10), []);
  return mode;
}

/** A whole run of `tabular_learner`, from a table to predictions on rows that were held out. */
export async function compareRun(engine: Engine, expected: GoldenRun): Promise<string> {
  const classes = expected.targets.length === 1;
  const train = Int32Array.from({ length: expected.train }, (_, row) => row);
  const { dataset, processing } = await openTable(sourceOf(expected.columns), train, rolesOf(expected, classes), {
    rows: expected.columns[expected.targets[0]].length,
  });
  const valid = Int32Array.from({ length: dataset.rows - expected.train }, (_, i) => expected.train + i);
  const model = planModel({ preset: 'tabular', layers: [20, 10], ...expected.arguments }, dataset);
  const learn = new Learner({
    engine,
    model,
    weights: toArrays(expected.weights),
    data: {
      dataset,
      train: new BatchLoader({ dataset, rows: train, batchSize, dropLast: true }),
      valid: new BatchLoader({ dataset, rows: valid, batchSize }),
    },
    loss: classes ? 'cross_entropy' : 'mse',
  });
  await fitOneCycle(learn, { n_epoch: expected.epochs.length, lr_max: 0.01 });
  const comparison = new Comparison();
  const { batches, epochs } = learn.recorder;
  comparison.numbers(
    'raw loss',
    batches.map(({ raw_loss }) => raw_loss),
    expected.raw_losses,
    relative,
    tolerance,
  );
  comparison.numbers('smooth loss', learn.recorder.losses, expected.smooth_losses, relative, tolerance);
  comparison.numbers('lr', learn.recorder.lrs, expected.lrs, relative, 1e-6);
  comparison.numbers(
    'valid loss',
    epochs.map((each) => each.valid_loss),
    expected.epochs.map(([, loss]) => loss),
    relative,
    tolerance,
  );
  comparison.numbers(
    'weights',
    learn.parameterValues().flatMap((value) => [...value]),
    expected.weights_after.flat(),
    absolute,
    1e-3,
  );
  const { rows, x } = await table.prepare(processing, { rows: rowsOf(expected.held_out) });
  const outputs = expected.predictions[0].length;
  const output = evaluateSome(learn, x, rows).subarray(0, rows * outputs);
  const said = classes ? softmax(output, outputs) : [...output];
  comparison.numbers('prediction', said, expected.predictions.flat(), absolute, tolerance);
  learn.dispose();
  assert.deepEqual(comparison.failures.slice(0, 10), []);
  return comparison.summary();
}

/** The outputs for some rows: the run has an evaluation of 32 of them, the size of the batches that validate. */
function evaluateSome(learn: Learner, x: PreparedRows['x'], rows: number): Float32Array {
  const { target } = learn.options.data.dataset;
  const whole = new Float32Array((x.length / rows) * batchSize);
  whole.set(x);
  const y = target.kind === 'classes' ? new Int32Array(batchSize) : new Float32Array(batchSize * target.outputs);
  return learn.evaluate({ rows: batchSize, x: whole, y }).output;
}

function softmax(logits: Float32Array, classes: number): number[] {
  const powers = Array.from(logits, Math.exp);
  return powers.map((power, i) => {
    const first = i - (i % classes);
    return power / powers.slice(first, first + classes).reduce((sum, each) => sum + each, 0);
  });
}
