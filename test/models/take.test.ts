import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialWeights, planModel, takeFrom, takeTensors, tensorName, type Tensor } from '../../src/models/index.js';

const target = { kind: 'classes', classes: 3 } as const;
const vision = (x_shape = [8, 8, 3]) =>
  planModel({ preset: 'vision', body: 'resnet18', pretrained: false, lin_ftrs: [] }, { x_shape, target });
const floats = (shape: number[], value = (i: number) => i): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => value(i)) };
};

describe("a layer's weights are found by our names, PyTorch's and fastai's", () => {
  const plan = planModel(
    {
      layers: [
        { type: 'conv2d', filters: 2, kernel: 3, padding: 'same', name: 'conv1' },
        { type: 'depthwise_conv2d', kernel: 1, multiplier: 2, use_bias: false, name: 'deep' },
        { type: 'batch_norm', name: 'bn1' },
        { type: 'global_avg_pool' },
        { type: 'dense', units: 3, name: 'fc' },
      ],
    },
    { x_shape: [4, 4, 3], target },
  );
  const torch = new Map([
    ['conv1.weight', floats([2, 3, 3, 3])],
    ['conv1.bias', floats([2])],
    ['deep.weight', floats([4, 1, 1, 1])],
    ['bn1.weight', floats([4])],
    ['bn1.bias', floats([4])],
    ['bn1.running_mean', floats([4])],
    ['bn1.running_var', floats([4])],
    ['fc.weight', floats([3, 4])],
    ['fc.bias', floats([3])],
  ]);
  const taken = (tensors: ReadonlyMap<string, Tensor>) => {
    const values = takeFrom(plan, initialWeights(plan, 1), tensors);
    return new Map(plan.parameters.map((parameter, i) => [tensorName(parameter), values[i]]));
  };

  test("PyTorch's kernels get TensorFlow's order", () => {
    const values = taken(torch);
    // [out, in, height, width] → [height, width, in, out]: out 1, in 2, row 0, column 1 is 1·27 + 2·9 + 1.
    assert.equal(values.get('conv1.kernel')![((0 * 3 + 1) * 3 + 2) * 2 + 1], 46);
    assert.equal(values.get('fc.kernel')![2 * 3 + 1], 1 * 4 + 2);
    assert.deepEqual([...values.get('deep.kernel')!], [0, 1, 2, 3]);
  });

  test("fastai's parts of an nn.Sequential have numbers", () => {
    const renamed = new Map(
      [...torch].map(([name, tensor]) => [name.replace('conv1', '0.0').replace('bn1', '0.1'), tensor]),
    );
    assert.deepEqual(taken(renamed), taken(torch));
    const { parameters } = vision();
    const saved = parameters.flatMap((parameter) => {
      const known: Partial<Record<string, string>> = { 'layer2.0.downsample.0.kernel': '0.5.0.downsample.0.weight' };
      const name = known[tensorName(parameter)];
      const [height, width, inputs, outputs] = parameter.shape;
      return name === undefined ? [] : [{ name, shape: [outputs, inputs, height, width] }];
    });
    assert.deepEqual(
      takeTensors(vision(), saved).matches.map(({ parameter }) => tensorName(parameter)),
      ['layer2.0.downsample.0.kernel'],
    );
  });

  test('a body that lacks a weight is refused, and so is one of another shape', () => {
    for (const [name, shape] of [
      ['bn1.running_var', null],
      ['conv1.weight', [2, 3, 5, 5]],
    ] as const) {
      const less = new Map(torch);
      if (shape === null) less.delete(name);
      else less.set(name, floats([...shape]));
      assert.throws(() => taken(less), { code: 'bad_data', message: new RegExp(`conv1|moving_variance.*no ${name}`) });
    }
  });
});

describe('pictures of other channels get the first convolution as fastai makes it', () => {
  const first = (channels: number) => {
    const plan = vision([8, 8, channels]);
    const [conv1] = plan.parameters;
    const given = floats([64, 3, 7, 7], (i) => Math.floor(i / 49) % 3); // channel 0 is all 0, channel 1 all 1, …
    const [match] = takeTensors(plan, [{ name: 'conv1.weight', shape: given.shape }]).matches;
    assert.equal(match.parameter, conv1);
    return [...match.convert(given.data as Float32Array).slice(0, 64 * channels)].filter((_, i) => i % 64 === 0);
  };
  const table: [number, number[]][] = [
    [1, [0 + 1 + 2]],
    [2, [0, 1.5]],
    [3, [0, 1, 2]],
    [4, [0, 1, 2, 0]],
  ];
  for (const [channels, values] of table) test(`${channels}`, () => assert.deepEqual(first(channels), values));
});
