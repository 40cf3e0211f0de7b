/** Runs one case on an engine, and writes down all that can be compared. */
import type { Batch, MemoryDataset } from '../../../src/data/index.js';
import type { Engine } from '../../../src/engine/index.js';
import { makeLoss } from '../../../src/learner/losses/index.js';
import { ModelOnEngine } from '../../../src/learner/model-on-engine.js';
import type { StepOptions } from '../../../src/learner/gradients.js';
import { initialWeights, planModel, targetSize, type ModelPlan } from '../../../src/models/index.js';
import { completeOptimizer, Optimizer, type OptimizerRequest } from '../../../src/optimizer/index.js';
import { randomWords, uniform } from '../../../src/numbers/random.js';
import { product } from '../../../src/numbers/nested.js';
import type { Case } from './cases.js';

/** What is measured of a case. Tensors are row-major. */
export interface Measured {
  /** Whether steps were compiled. */
  mode: string;
  /** The model's output for the first batch at the starting weights, [rows × outputs]. */
  output: Float32Array;
  /** By parameter: what autodiff says. */
  gradients: Map<string, Float32Array>;
  /** By parameter: how the loss changes along a direction, by the gradient and by finite differences. */
  slopes: { name: string; computed: number; measured: number; gradient: number }[];
  /** Of each step; the evaluation's after them last. */
  losses: number[];
  /** Parameters and the optimizer's state after the steps. */
  values: Map<string, Float32Array>;
  /** Whether values came back to the bit when they were written again. */
  restored: boolean;
  /** Tensors there are more after all was disposed of. */
  tensorsLeft: number;
}

const seed = 7;

/** Runs a case on the engine of this process. */
export function measure(engine: Engine, c: Case): Measured {
  const before = engine.tf.memory().numTensors;
  const model = planModel(
    { layers: c.layers, ...(c.groups && { param_groups: c.groups }) },
    { x_shape: c.x_shape, target: c.target },
  );
  const dataset = makeData(c);
  const differentiated = differentiate(engine, c, model, dataset);
  const trained = train(engine, c, model, dataset);
  return { ...differentiated, ...trained, tensorsLeft: engine.tf.memory().numTensors - before };
}

/**
 * Output, gradients and slopes at the starting weights. With momentum 0 the optimizer's state after one step is the
 * gradient itself.
 */
function differentiate(
  engine: Engine,
  c: Case,
  model: ModelPlan,
  dataset: MemoryDataset,
): Pick<Measured, 'output' | 'gradients' | 'slopes'> {
  const { mixup } = c.step; // the loss itself is another with it
  const step = mixup ? { mixup } : {};
  const { run, optimizer } = start(engine, c, model, dataset, { optimizer: { name: 'sgd', mom: 0.5 }, step });
  optimizer.setHyper(
    'lr',
    optimizer.hypers.map(() => 0),
  );
  optimizer.setHyper(
    'mom',
    optimizer.hypers.map(() => 0),
  );
  const initial = run.read();
  const batch = batchOf(dataset, 0, c.batches[0]);
  const lossAt = (values: readonly Float32Array[]): number => {
    run.write(values);
    return run.train(batch, { iteration: 0, apply: true, scale: 1 });
  };
  const { output } = run.evaluate(batch);
  lossAt(initial);
  const gradients = new Map(
    run.names.flatMap((name, i) =>
      name.startsWith('optimizer/') ? [[name.slice('optimizer/grad_avg/'.length), run.read()[i]] as const] : [],
    ),
  );
  const trained = [...gradients].filter(([, gradient]) => gradient.some((value) => value !== 0));
  const slopes = trained.map(([name, gradient]) => ({
    name,
    ...slopeAlong(initial, run.names.indexOf(name), gradient, lossAt),
  }));
  run.release();
  return { output, gradients, slopes };
}

/** The change of the loss in a random direction of one parameter, by the gradient and by central differences. */
function slopeAlong(
  initial: readonly Float32Array[],
  index: number,
  gradient: Float32Array,
  lossAt: (values: readonly Float32Array[]) => number,
): Omit<Measured['slopes'][number], 'name'> {
  // Large enough for the loss's float32 digits, small enough to meet few kinks of relu and max_pool.
  const distance = 2e-3;
  const direction = uniform(new Float32Array(gradient.length), { seed, purpose: 'inputs', index: 1000 + index }, -1, 1);
  const length = Math.hypot(...direction);
  const moved = (by: number) =>
    initial.map((value, i) => (i === index ? value.map((v, k) => v + (by * direction[k]) / length) : value));
  const measured = (lossAt(moved(distance)) - lossAt(moved(-distance))) / (2 * distance);
  const computed = gradient.reduce((sum, g, k) => sum + (g * direction[k]) / length, 0);
  return { measured, computed, gradient: Math.hypot(...gradient) };
}

function train(
  engine: Engine,
  c: Case,
  model: ModelPlan,
  dataset: MemoryDataset,
): Omit<Measured, 'output' | 'gradients' | 'slopes' | 'tensorsLeft'> {
  const { run, optimizer } = start(engine, c, model, dataset, c);
  optimizer.setHyper(
    'lr',
    optimizer.hypers.map((_, group) => c.lr * (group + 1)),
  );
  const step = (rows: number, iteration: number) => {
    const position =
      c.step.accumulate === true ? { apply: iteration % 2 === 1, scale: 0.5 } : { apply: true, scale: 1 };
    return run.train(batchOf(dataset, iteration, rows), { iteration, ...position });
  };
  const stepLosses = c.batches.map(step);
  const after = run.read().map((value) => value.slice());
  const { loss } = run.evaluate(batchOf(dataset, 0, c.batches[0]));
  step(c.batches[0], 1);
  run.write(after);
  const restored = run
    .read()
    .every((value, i) =>
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).equals(Buffer.from(after[i].buffer)),
    );
  const mode = run.mode?.name ?? 'none';
  run.release();
  return {
    mode,
    losses: [...stepLosses, loss],
    values: new Map(run.names.map((name, i) => [name, after[i]])),
    restored,
  };
}

function start(
  engine: Engine,
  c: Case,
  model: ModelPlan,
  dataset: MemoryDataset,
  { optimizer: request, step: options }: { optimizer: OptimizerRequest; step: StepOptions },
) {
  const parameters = model.parameters
    .filter(({ kind }) => kind !== 'statistic')
    .map(({ layer, kind }) => ({
      group: model.param_groups.findIndex((group) => group.includes(layer)),
      decays: kind === 'weight',
      forceTrain: c.trainBn && kind === 'norm',
    }));
  const optimizer = new Optimizer(completeOptimizer(request), parameters, model.param_groups.length, c.lr);
  optimizer.frozenTo = c.frozenTo;
  const sizes = { train: [...new Set(c.batches)], valid: [c.batches[0]] };
  const rows = Int32Array.from({ length: dataset.rows }, (_, row) => row);
  const loss = makeLoss(c.loss, { target: c.target, y: dataset.y, rows });
  const run = new ModelOnEngine(
    { engine, model, loss, optimizer, data: dataset, sizes, options, seed },
    initialWeights(model, seed),
  );
  run.prepare([c.frozenTo]);
  return { run, optimizer };
}

function makeData({ x_shape, target, bytes, batches }: Case): MemoryDataset {
  const rows = Math.max(...batches) * 2;
  const width = product(x_shape);
  const words = randomWords(new Uint32Array(rows * width), { seed, purpose: 'inputs' });
  const x = bytes
    ? Uint8Array.from(words, (word) => word >>> 24)
    : uniform(new Float32Array(rows * width), { seed, purpose: 'inputs' }, -1, 1);
  const y =
    target.kind === 'classes'
      ? Int32Array.from({ length: rows }, (_, row) => words[row] % target.classes)
      : uniform(new Float32Array(rows * targetSize(target)), { seed, purpose: 'targets' }, -1, 1);
  return { rows, x_shape, target, x, y };
}

/** Some rows, others at each iteration. */
function batchOf(dataset: MemoryDataset, iteration: number, rows: number): Batch {
  const from = (iteration * rows) % (dataset.rows - rows + 1);
  const [width, height] = [dataset.x.length / dataset.rows, dataset.y.length / dataset.rows];
  return {
    rows,
    x: dataset.x.subarray(from * width, (from + rows) * width),
    y: dataset.y.subarray(from * height, (from + rows) * height),
  };
}
