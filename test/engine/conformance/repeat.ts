import type { Engine } from '../../../src/engine/index.js';
import { makeLoss } from '../../../src/learner/losses/index.js';
import { ModelOnEngine } from '../../../src/learner/model-on-engine.js';
import { initialWeights, planModel } from '../../../src/models/index.js';
import { completeOptimizer, Optimizer } from '../../../src/optimizer/index.js';
import { randomWords, uniform } from '../../../src/numbers/random.js';

const rows = 32;
const steps = 300;

/**
 * The losses of 300 steps of a model with everything in it that could be another from run to run: sums by threads,
 * random numbers, statistics.
 */
export function repeat(engine: Engine): number[] {
  const model = planModel(
    {
      layers: [
        { type: 'conv2d', filters: 8, kernel: 3, padding: 'same' },
        { type: 'batch_norm' },
        { type: 'relu' },
        { type: 'max_pool', size: 2 },
        { type: 'flatten' },
        { type: 'dense', units: 32 },
        { type: 'dropout', rate: 0.3 },
        { type: 'dense', units: 4 },
      ],
    },
    { x_shape: [8, 8, 1], target: { kind: 'classes', classes: 4 } },
  );
  const parameters = model.parameters
    .filter(({ kind }) => kind !== 'statistic')
    .map(({ kind }) => ({ group: 0, decays: kind === 'weight', forceTrain: true }));
  const optimizer = new Optimizer(completeOptimizer({ name: 'adam' }), parameters, 1, 0.01);
  const x = uniform(new Float32Array(rows * 64), { seed: 1, purpose: 'inputs' });
  const y = Int32Array.from(randomWords(new Uint32Array(rows), { seed: 1, purpose: 'targets' }), (word) => word % 4);
  const data = { x, target: { kind: 'classes', classes: 4 } } as const;
  const run = new ModelOnEngine(
    {
      engine,
      model,
      loss: makeLoss('cross_entropy', { ...data, y, rows: new Int32Array(0) }),
      optimizer,
      data,
      sizes: { train: [rows], valid: [] },
      options: {},
      seed: 1,
    },
    initialWeights(model, 1),
  );
  const found = Array.from({ length: steps }, (_, iteration) =>
    run.train({ rows, x, y }, { iteration, apply: true, scale: 1 }),
  );
  run.release();
  return found;
}
