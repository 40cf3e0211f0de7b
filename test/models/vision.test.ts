import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bodyNames } from '../../src/models/bodies/index.js';
import { planModel, tensorName } from '../../src/models/index.js';
import { product } from '../../src/numbers/nested.js';
import { pointersOf } from '../problems.js';

const target = { kind: 'classes', classes: 10 } as const;
const plan = (args: object, x_shape = [224, 224, 3]) =>
  planModel({ preset: 'vision', pretrained: false, ...args }, { x_shape, target });

// Trained parameters of the body in PyTorch (torchvision's, fastai's, the package's), what it makes of a picture of 224
// by 224 pixels, and how many parameter groups fastai's splitter makes, the head's included.
const bodies: Record<string, [parameters: number, shape: number[], groups: number]> = {
  resnet18: [11_176_512, [7, 7, 512], 3],
  resnet34: [21_284_672, [7, 7, 512], 3],
  resnet50: [23_508_032, [7, 7, 2048], 3],
  xresnet18: [28_768 + 11_166_976, [7, 7, 512], 3],
  xresnet34: [28_768 + 21_275_136, [7, 7, 512], 3],
  xresnet50: [28_768 + 23_498_496, [7, 7, 2048], 3],
  efficientnet_lite0: [3_371_008, [7, 7, 1280], 2],
  mobilenet_v2: [2_223_872, [7, 7, 1280], 2],
};

assert.deepEqual(Object.keys(bodies), bodyNames);

for (const [body, [parameters, shape, groups]] of Object.entries(bodies)) {
  test(`${body} has the parameters of its original, and fastai's groups`, () => {
    const model = plan({ body });
    assert.equal(model.param_groups.length, groups);
    const head = new Set(model.param_groups.at(-1));
    const inBody = model.parameters.filter(({ layer, kind }) => !head.has(layer) && kind !== 'statistic');
    assert.equal(
      inBody.reduce((sum, each) => sum + product(each.shape), 0),
      parameters,
    );
    assert.deepEqual(model.layer_shapes[model.param_groups.at(-2)!.at(-1)!], shape);
    assert.deepEqual(plan({ body }, [33, 45, 1]).output_shape, [10]);
  });
}

test("the head is fastai's create_head, part by part", () => {
  const { layers, param_groups, layer_shapes } = plan({ body: 'resnet18' });
  const head = param_groups[2].map((i) => layers[i]);
  assert.deepEqual(
    head.map(({ type, name }) => `${name ?? ''} ${type}`),
    [
      ...['head.0.mp global_max_pool', 'head.0.ap global_avg_pool', 'head.0 concatenate'],
      ...['head.2 batch_norm', 'head.3 dropout', 'head.4 dense', 'head.5 relu'],
      ...['head.6 batch_norm', 'head.7 dropout', 'head.8 dense'],
    ],
  );
  assert.deepEqual(
    head.flatMap((layer) => (layer.type === 'dropout' ? [layer.rate] : [])),
    [0.25, 0.5],
  );
  assert.deepEqual(layer_shapes[param_groups[2][2]], [1024]);
});

test("the head's arguments do what fastai's do", () => {
  const head = (args: object) => {
    const { layers, param_groups } = plan({ body: 'resnet18', ...args });
    return param_groups[2].map((i) => layers[i]);
  };
  const types = (args: object) => head(args).map(({ type }) => type);
  const plain = { concat_pool: false, lin_ftrs: [], ps: 0 };
  assert.deepEqual(types({ ...plain }), ['global_avg_pool', 'batch_norm', 'dense']);
  assert.deepEqual(types({ ...plain, first_bn: false }), ['global_avg_pool', 'dense']);
  assert.deepEqual(types({ ...plain, bn_final: true }), ['global_avg_pool', 'batch_norm', 'dense', 'batch_norm']);
  assert.ok(head({ ...plain, first_bn: false }).some((layer) => layer.type === 'dense' && layer.use_bias === true));
  const wide = head({ lin_ftrs: [64, 32], ps: [0.1, 0, 0.3], y_range: [0, 5] });
  assert.deepEqual(
    wide.flatMap((layer) => (layer.type === 'dropout' ? [layer.rate] : layer.type === 'dense' ? [layer.units] : [])),
    [0.1, 64, 32, 0.3, 10],
  );
  assert.deepEqual(wide.at(-1), { type: 'sigmoid_range', low: 0, high: 5, name: 'head.12' });
});

test('names are those of the original, so that its state_dict fits by name', () => {
  const some = (body: string) => new Set(plan({ body }).parameters.map(tensorName));
  assert.ok(some('resnet50').has('layer1.0.downsample.0.kernel'));
  assert.ok(some('mobilenet_v2').has('features.1.conv.0.0.kernel') && some('mobilenet_v2').has('features.18.1.gamma'));
  assert.ok(some('efficientnet_lite0').has('_blocks.15._project_conv.kernel'));
  assert.ok(some('xresnet18').has('4.0.convpath.0.0.kernel'));
});

describe('arguments that are not right are refused', () => {
  const table: [string, object, string[]][] = [
    ['weights that no package ships', { body: 'resnet18', pretrained: true }, ['/pretrained']],
    ['an unknown body', { body: 'vgg16' }, ['/body']],
    ['too many rates', { ps: [0.1, 0.2, 0.3] }, ['/ps']],
    ['a range the wrong way round', { y_range: [5, 0] }, ['/y_range']],
    ['a model whose id is none', { pretrained: 'resnet18.pth' }, ['/pretrained']],
  ];
  for (const [name, args, pointers] of table)
    test(name, () =>
      assert.deepEqual(
        pointersOf(() => plan(args)),
        pointers,
      ),
    );
});
