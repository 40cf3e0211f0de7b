import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialWeights, namedWeights, planModel, weightsFrom, withGiven } from '../../src/models/index.js';
import { pointersOf } from '../problems.js';

const input = { x_shape: [8, 8, 3], target: { kind: 'classes', classes: 10 } } as const;
const plan = planModel({ preset: 'cnn', channels: [16, 64] }, { ...input, x_shape: [...input.x_shape] });
const at = (name: string, layer: number) => plan.parameters.findIndex((p) => p.layer === layer && p.name === name);

test("weights start as PyTorch's do: uniform in ±1/√fan_in, biases too, batch norm at rest", () => {
  const weights = initialWeights(plan, 42);
  for (const [i, { name, shape, layer }] of plan.parameters.entries()) {
    const value = weights[i];
    assert.equal(
      value.length,
      shape.reduce((p, n) => p * n, 1),
    );
    if (name === 'gamma' || name === 'moving_variance') assert.ok(value.every((v) => v === 1));
    else if (name === 'beta' || name === 'moving_mean') assert.ok(value.every((v) => v === 0));
    else {
      const kernel = plan.parameters[at('kernel', layer)].shape;
      const bound = 1 / Math.sqrt(kernel.slice(0, -1).reduce((p, n) => p * n, 1));
      assert.ok(value.every((v) => Math.abs(v) <= bound));
      assert.ok(value.some((v) => Math.abs(v) > bound / 2) && new Set(value).size > value.length * 0.9);
    }
  }
  const wide = weights[at('kernel', 4)]; // 3x3x16x64 numbers: their moments are those of a uniform distribution
  const bound = 1 / 12;
  const mean = wide.reduce((sum, v) => sum + v, 0) / wide.length;
  const variance = wide.reduce((sum, v) => sum + (v - mean) ** 2, 0) / wide.length;
  assert.ok(Math.abs(mean) < 0.03 * bound && Math.abs(variance / (bound ** 2 / 3) - 1) < 0.05, `${mean} ${variance}`);
});

test('kaiming_normal draws kernels of deviation √(2/fan_in) and leaves biases at 0; zero_gamma is 0', () => {
  const { parameters, layers, ...rest } = planModel(
    {
      layers: [
        { type: 'conv2d', filters: 64, kernel: 3, init: 'kaiming_normal' },
        { type: 'batch_norm', zero_gamma: true },
        { type: 'flatten' },
        { type: 'dense', units: 10, init: 'kaiming_normal' },
      ],
    },
    { ...input, x_shape: [8, 8, 16] },
  );
  const weights = initialWeights({ parameters, layers, ...rest }, 42);
  assert.deepEqual(
    parameters.map(({ layer, name }) => `${layer}.${name}`),
    ['0.kernel', '0.bias', '1.gamma', '1.beta', '1.moving_mean', '1.moving_variance', '3.kernel', '3.bias'],
  );
  const zero = [1, 2, 3, 4, 7].flatMap((i) => [...weights[i]]);
  assert.ok(zero.every((v) => v === 0));
  assert.ok(weights[5].every((v) => v === 1));
  for (const [i, fanIn] of [
    [0, 9 * 16],
    [6, 36 * 64],
  ] as const) {
    const kernel = weights[i].map((v) => v / Math.sqrt(2 / fanIn));
    const moment = (power: number) => kernel.reduce((sum, v) => sum + v ** power, 0) / kernel.length;
    // A normal distribution has 0, 1 and 3: these kernels hold 9,216 and 23,040 numbers.
    assert.ok(
      Math.abs(moment(1)) < 0.03 && Math.abs(moment(2) - 1) < 0.05 && Math.abs(moment(4) - 3) < 0.3,
      `${moment(1)} ${moment(2)} ${moment(4)}`,
    );
  }
});

test('weights are a function of the seed; no two tensors start alike', () => {
  assert.deepEqual(initialWeights(plan, 7), initialWeights(plan, 7));
  assert.notDeepEqual(initialWeights(plan, 7)[0], initialWeights(plan, 8)[0]);
  assert.notDeepEqual(initialWeights(plan, 7)[0], initialWeights(plan, 7 + 2 ** 32)[0]);
  const two = planModel(
    {
      layers: [
        { type: 'dense', units: 10 },
        { type: 'dense', units: 10 },
      ],
    },
    { x_shape: [10], target: input.target },
  );
  assert.equal(two.parameters.length, 4);
  const [first, , second] = initialWeights(two, 7);
  assert.notDeepEqual(first, second);
});

const small = planModel(
  { layers: [{ type: 'dense', units: 2 }, { type: 'relu' }, { type: 'dense', units: 3 }] },
  { x_shape: [1], target: { kind: 'classes', classes: 3 } },
);

test('given weights replace their own and leave the rest, which is not touched', () => {
  const before = initialWeights(small, 1);
  const after = withGiven(small, before, [
    { layer: 0, name: 'kernel', value: [[1, 2]] },
    { layer: 2, name: 'bias', value: [3, 4, 5] },
  ]);
  assert.deepEqual(after, [Float32Array.of(1, 2), before[1], before[2], Float32Array.of(3, 4, 5)]);
  assert.deepEqual(before, initialWeights(small, 1));
});

describe('given weights that do not fit are refused', () => {
  const given =
    (...weights: unknown[]) =>
    () =>
      withGiven(small, initialWeights(small, 1), weights);
  const bias = { layer: 2, name: 'bias', value: [1, 2, 3] };
  const table: [string, () => unknown, string[]][] = [
    ['no list', () => withGiven(small, [], {}), ['/weights']],
    ['no object', given(3), ['/weights/0']],
    ['an unknown field', given({ ...bias, dtype: 'float32' }), ['/weights/0']],
    ['a layer without parameters', given({ ...bias, layer: 1 }), ['/weights/0/layer']],
    ['a layer that does not exist', given(bias, { ...bias, layer: 3 }), ['/weights/1/layer']],
    ['an unknown name', given({ ...bias, name: 'gamma' }), ['/weights/0/name']],
    ['given twice', given(bias, bias), ['/weights/1']],
    ['too short', given({ ...bias, value: [1, 2] }), ['/weights/0/value']],
    ['too deep', given({ ...bias, value: [1, 2, [3]] }), ['/weights/0/value/2']],
    ['one axis too few', given({ layer: 0, name: 'kernel', value: [1, 2] }), ['/weights/0/value']],
    [
      'a row of another length',
      given({
        layer: 2,
        name: 'kernel',
        value: [
          [1, 2, 3],
          [1, 2],
        ],
      }),
      ['/weights/0/value/1'],
    ],
    ['null in the middle', given({ ...bias, value: [1, null, 3] }), ['/weights/0/value/1']],
    ['infinite as float32', given({ ...bias, value: [1, 1e39, 3] }), ['/weights/0/value/1']],
    [
      'several at once',
      given({ ...bias, value: [NaN, 1, 2] }, { layer: 9 }),
      ['/weights/0/value/0', '/weights/1/layer'],
    ],
  ];
  for (const [name, call, pointers] of table) test(name, () => assert.deepEqual(pointersOf(call), pointers));
});

test('weights go into named tensors and come back; a tensor of another shape does not', () => {
  const weights = initialWeights(small, 1);
  const tensors = namedWeights(small, weights);
  assert.deepEqual([...tensors.keys()], ['0.kernel', '0.bias', '2.kernel', '2.bias']);
  assert.deepEqual(weightsFrom(small, tensors), weights);
  tensors.set('2.bias', { shape: [1, 3], data: new Float32Array(3) });
  assert.throws(() => weightsFrom(small, tensors), { code: 'bad_data', message: /2\.bias/ });
});
