import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialWeights, planModel, presetNames, tensorName } from '../../src/models/index.js';
import { product } from '../../src/numbers/nested.js';
import { pointersOf } from '../problems.js';

const plan = (preset: string, x_shape: number[], outputs = 10, more: object = {}) =>
  planModel({ preset, ...more }, { x_shape, target: { kind: 'classes', classes: outputs } });
const types = (...args: Parameters<typeof plan>) => plan(...args).layers.map(({ type }) => type);
const count = (...args: Parameters<typeof plan>) =>
  plan(...args)
    .parameters.filter(({ kind }) => kind !== 'statistic')
    .reduce((sum, { shape }) => sum + product(shape), 0);

test('linear is one dense layer, on whatever the rows are', () => {
  assert.deepEqual(types('linear', [4]), ['dense']);
  assert.deepEqual(types('linear', [8, 8, 1]), ['flatten', 'dense']);
});

test('mlp has hidden layers as body and a last one as head', () => {
  const { layers, param_groups } = plan('mlp', [64]);
  assert.deepEqual(layers, [
    { type: 'dense', units: 64, name: 'hidden.0' },
    { type: 'relu' },
    { type: 'dense', units: 10, name: 'output' },
  ]);
  assert.deepEqual(param_groups, [[0, 1], [2]]);
  assert.deepEqual(types('mlp', [6], 3, { hidden: [8, 4], batch_norm: true, dropout: 0.1 }), [
    ...['dense', 'batch_norm', 'relu', 'dropout'],
    ...['dense', 'batch_norm', 'relu', 'dropout'],
    'dense',
  ]);
  assert.equal(count('mlp', [6], 3, { hidden: [8], batch_norm: true }), 6 * 8 + 2 * 8 + 8 * 3 + 3);
});

test('cnn takes images, and digits as the squares they are', () => {
  const { layer_shapes, param_groups } = plan('cnn', [64]);
  assert.deepEqual(layer_shapes.slice(0, 2), [
    [8, 8, 1],
    [8, 8, 32],
  ]);
  assert.equal(param_groups.length, 2);
  assert.deepEqual(plan('cnn', [64]).parameters, plan('cnn', [8, 8]).parameters);
  assert.deepEqual(types('cnn', [64]).slice(1), types('cnn', [32, 32, 3]));
  assert.deepEqual(plan('cnn', [3, 2, 1], 10, { channels: [2, 3, 4, 5] }).layer_shapes.at(-3), [1, 1, 5]);
});

test("resnet18 has torchvision's parameters and fastai's three groups", () => {
  // torchvision.models.resnet18: 11,689,512 parameters for 1000 classes, 11,176,512 without its last layer.
  assert.equal(count('resnet18', [224, 224, 3], 1000), 11_689_512);
  assert.equal(count('resnet18', [64, 64, 3], 37), 11_176_512 + 512 * 37 + 37);
  const { layers, layer_shapes, param_groups } = plan('resnet18', [224, 224, 3], 1000);
  assert.deepEqual(layer_shapes.at(-3), [7, 7, 512]);
  // fastai cuts after the second of four stages, and before the head.
  assert.deepEqual(
    param_groups.map((group) => layer_shapes[group.at(-1)!]),
    [[28, 28, 128], [7, 7, 512], [1000]],
  );
  assert.equal(layers.filter(({ type }) => type === 'conv2d').length, 20);
  assert.equal(layers.filter(({ type }) => type === 'add').length, 8);
});

// Of fastai.vision.models.xresnet for 3 channels and 1000 classes: the parameters of stem, stages and head, which are
// the groups of its splitter; its convolutions; its blocks, each of which starts with its last gamma at 0.
const xresnets = [
  { preset: 'xresnet18', groups: [28_768, 11_166_976, 513_000], convolutions: 22, blocks: 8, channels: 512 },
  { preset: 'xresnet34', groups: [28_768, 21_275_136, 513_000], convolutions: 38, blocks: 16, channels: 512 },
  { preset: 'xresnet50', groups: [28_768, 23_498_496, 2_049_000], convolutions: 55, blocks: 16, channels: 2048 },
];

for (const { preset, groups, convolutions, blocks, channels } of xresnets) {
  test(`${preset} has fastai's parameters, groups and start`, () => {
    const { layers, layer_shapes, param_groups, parameters } = plan(preset, [224, 224, 3], 1000);
    const inGroup = (group: number[]) =>
      parameters
        .filter(({ layer, kind }) => group.includes(layer) && kind !== 'statistic')
        .reduce((sum, { shape }) => sum + product(shape), 0);
    assert.deepEqual(param_groups.map(inGroup), groups);
    assert.deepEqual(layer_shapes.at(-3), [7, 7, channels]);
    assert.deepEqual(plan(preset, [45, 45, 1]).layer_shapes.at(-3), [2, 2, channels]);
    const number = (type: string) => layers.filter((layer) => layer.type === type).length;
    assert.deepEqual(
      [number('conv2d'), number('add'), number('avg_pool'), number('max_pool')],
      [convolutions, blocks, 3, 1],
    );
    assert.equal(layers.filter((layer) => layer.type === 'batch_norm' && layer.zero_gamma === true).length, blocks);
    assert.ok(layers.every((layer) => !('kernel' in layer || 'units' in layer) || layer.init === 'kaiming_normal'));
  });
}

describe('tabular', () => {
  const features = { cardinalities: [3, 40], continuous: 3, names: ['sex', 'deck'] };
  const tabular = (more: object) =>
    planModel({ preset: 'tabular', ...more }, { x_shape: [5], target: { kind: 'values', outputs: 2 }, features });

  test("its weights have fastai's names, and are one group", () => {
    const { parameters, param_groups } = tabular({ layers: [8], emb_szs: { deck: 6 } });
    const weights = parameters.filter(({ kind }) => kind === 'weight').map((each) => [tensorName(each), each.shape]);
    assert.deepEqual(weights, [
      ['embeds.0.embeddings', [3, 3]],
      ['embeds.1.embeddings', [40, 6]],
      ['layers.0.0.kernel', [12, 8]],
      ['layers.1.0.kernel', [8, 2]],
    ]);
    const norms = parameters.filter(({ name }) => name === 'gamma').map(tensorName);
    assert.deepEqual(norms, ['bn_cont.gamma', 'layers.0.2.gamma']);
    assert.equal(param_groups.length, 1);
  });

  test('it starts as fastai does: embeddings near 0, the offset of a batch norm at 0.001', () => {
    const plan = tabular({ layers: [8] });
    const start = new Map(initialWeights(plan, 1).map((value, i) => [tensorName(plan.parameters[i]), value]));
    const embeddings = start.get('embeds.1.embeddings')!;
    assert.ok(embeddings.every((value) => Math.abs(value) < 0.02));
    const deviation = Math.hypot(...embeddings) / Math.sqrt(embeddings.length);
    assert.ok(Math.abs(deviation - 0.0088) < 0.0005, `a normal modulo two deviations: ${deviation}`);
    assert.deepEqual(start.get('layers.0.2.beta'), new Float32Array(8).fill(0.001));
    assert.deepEqual(start.get('bn_cont.beta'), new Float32Array(3));
  });

  test('rows of numbers are a table without categories', () => {
    assert.deepEqual(types('tabular', [4], 3, { layers: [8] }), ['batch_norm', 'dense', 'relu', 'batch_norm', 'dense']);
  });

  const refused: [string, object, string[]][] = [
    ['a list of rates of another length', { ps: [0.1] }, ['/ps']],
    ['a range upside down', { y_range: [5, 0] }, ['/y_range']],
    ['a size for a column that is no category', { emb_szs: { deck: 3, age: 4 } }, ['/emb_szs/age']],
    ['a size of 0', { emb_szs: { deck: 0 } }, ['/emb_szs']],
    ['an argument of another preset', { hidden: [3] }, ['/hidden']],
  ];
  for (const [name, more, pointers] of refused)
    test(name, () =>
      assert.deepEqual(
        pointersOf(() => tabular(more)),
        pointers,
      ),
    );
  test('pictures', () =>
    assert.deepEqual(
      pointersOf(() => plan('tabular', [8, 8, 3])),
      ['/preset'],
    ));
});

describe('what a preset cannot do is refused', () => {
  const table: [string, () => unknown, string[]][] = [
    ['an unknown preset', () => plan('vgg', [64]), ['/preset']],
    ['a name of the prototype', () => plan('constructor', [64]), ['/preset']],
    ['an unknown argument', () => plan('linear', [64], 10, { hidden: [3] }), ['/hidden']],
    ['hidden that is no list', () => plan('mlp', [64], 10, { hidden: 64 }), ['/hidden']],
    ['no hidden layers', () => plan('mlp', [64], 10, { hidden: [] }), ['/hidden']],
    [
      'a negative width and a rate of 1',
      () => plan('mlp', [64], 10, { hidden: [8, -1], dropout: 1 }),
      ['/dropout', '/hidden'],
    ],
    ['zero channels', () => plan('cnn', [64], 10, { channels: [0] }), ['/channels']],
    ['rows that are no images', () => plan('cnn', [65]), ['/preset']],
    ['an argument where there are none', () => plan('xresnet18', [64], 10, { channels: [3] }), ['/channels']],
    ['rows that are no images for xresnet', () => plan('xresnet50', [65]), ['/preset']],
    ['rows of four axes', () => plan('resnet18', [2, 2, 2, 2]), ['/preset']],
  ];
  for (const [name, call, pointers] of table) test(name, () => assert.deepEqual(pointersOf(call), pointers));
});

test('every preset may come with weights', () => {
  for (const preset of presetNames) assert.ok(plan(preset, [64], 10, { weights: [] }).parameters.length > 0);
});
