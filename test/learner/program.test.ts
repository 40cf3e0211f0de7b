/** What stands in a step's program: a function for each size of batch, freezing and kind of step, and its variables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planModel } from '../../src/learner/index.js';
import { makeLoss } from '../../src/learner/losses/index.js';
import { stepProgram, variableNames, type StepPlan } from '../../src/learner/program.js';
import { initialWeights } from '../../src/models/index.js';
import { completeOptimizer, Optimizer } from '../../src/optimizer/index.js';
import { engine } from './learners.js';

const target = { kind: 'classes', classes: 3 } as const;
const model = planModel({ preset: 'mlp', hidden: [4], dropout: 0.5 }, { x_shape: [2], target });

function planWith(more: Partial<StepPlan>): StepPlan {
  const parameters = model.parameters.map(() => ({ group: 0, decays: true, forceTrain: false }));
  return {
    engine,
    model,
    loss: makeLoss('cross_entropy', { target, y: [], rows: new Int32Array(0) }),
    optimizer: new Optimizer(completeOptimizer({ name: 'adam' }), parameters, model.param_groups.length, 0.1),
    data: { x: new Float32Array(0), target },
    sizes: { train: [8, 3], valid: [5] },
    frozen: [0],
    options: {},
    seed: 1,
    ...more,
  };
}

const weights = initialWeights(model, 1);
/** Adam keeps two tensors of each parameter; sums of gradients come after them. */
const values = (accumulate: boolean) => [
  ...weights,
  ...weights.flatMap((each) => [each, each]),
  ...(accumulate ? weights : []),
];

const cases: [what: string, more: Partial<StepPlan>, functions: string[]][] = [
  ['sizes of batches', {}, ['train/8/0/step', 'train/3/0/step', 'evaluate/5']],
  [
    'freezings',
    { frozen: [1, 0], sizes: { train: [8], valid: [8] } },
    ['train/8/1/step', 'train/8/0/step', 'evaluate/8'],
  ],
  [
    'steps that only add gradients up',
    { options: { accumulate: true }, sizes: { train: [8], valid: [] } },
    ['train/8/0/step', 'train/8/0/add'],
  ],
];

for (const [what, more, functions] of cases) {
  test(`a function for each of the ${what}`, () => {
    const plan = planWith(more);
    const accumulate = plan.options.accumulate === true;
    const program = stepProgram(plan, values(accumulate));
    assert.deepEqual(Object.keys(program.functions), functions);
    const { slots } = plan.optimizer.stepper;
    assert.equal(program.variables.length, variableNames(model, slots, accumulate).length);
    // x, y, the optimizer's scalars, the seed that dropout draws from, the weight of the gradients.
    assert.equal(program.functions[functions[0]].inputs.length, accumulate ? 5 : 4);
    for (const variable of program.variables) variable.dispose();
  });
}
