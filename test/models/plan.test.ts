import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planModel, type LayerSpec } from '../../src/models/index.js';
import { pointersOf } from '../problems.js';

const image = [9, 8, 3];
const classes = (n: number) => ({ kind: 'classes', classes: n }) as const;
const values = (n: number) => ({ kind: 'values', outputs: n }) as const;
const plan = (
  layers: unknown[],
  x_shape = [6],
  target: ReturnType<typeof classes | typeof values> = classes(3),
  more: object = {},
) => planModel({ layers: layers as LayerSpec[], ...more }, { x_shape, target });

/** The shape after `layer`, the rest of the model made to fit. */
function shapeAfter(layer: LayerSpec, x_shape: number[]): number[] {
  const { layer_shapes } = plan([layer, { type: 'flatten' }, { type: 'dense', units: 3 }], x_shape);
  return layer_shapes[0];
}

describe('the shape of a layer', () => {
  // By TensorFlow's rules for 'same' and 'valid', by PyTorch's for a number.
  const table: [LayerSpec, number[], number[]][] = [
    [{ type: 'dense', units: 5 }, [6], [5]],
    [{ type: 'conv2d', filters: 4, kernel: 3 }, image, [7, 6, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 3, padding: 'same' }, image, [9, 8, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 3, padding: 'same', stride: 2 }, image, [5, 4, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 3, padding: 'valid', stride: 2 }, image, [4, 3, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 3, padding: 1, stride: 2 }, image, [5, 4, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 7, padding: 3, stride: 2 }, [64, 64, 3], [32, 32, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 1, padding: 0 }, image, [9, 8, 4]],
    [{ type: 'conv2d', filters: 4, kernel: 2, padding: 'same', stride: 3 }, image, [3, 3, 4]],
    [{ type: 'max_pool', size: 2 }, image, [4, 4, 3]],
    [{ type: 'max_pool', size: 2, padding: 'same' }, image, [5, 4, 3]],
    [{ type: 'max_pool', size: 3, stride: 2, padding: 1 }, [32, 32, 3], [16, 16, 3]],
    [{ type: 'max_pool', size: 3, stride: 1 }, image, [7, 6, 3]],
    [{ type: 'avg_pool', size: 2 }, image, [4, 4, 3]],
    [{ type: 'avg_pool', size: 2, padding: 'same' }, image, [5, 4, 3]],
    [{ type: 'avg_pool', size: 3, stride: 2, padding: 1 }, image, [5, 4, 3]],
    [{ type: 'global_avg_pool' }, image, [3]],
    [{ type: 'batch_norm' }, image, image],
    [{ type: 'batch_norm', eps: 1e-3, momentum: 1 }, [6], [6]],
    [{ type: 'relu' }, image, image],
    [{ type: 'dropout', rate: 0.5 }, image, image],
    [{ type: 'flatten' }, image, [216]],
    [{ type: 'flatten' }, [6], [6]],
    [{ type: 'reshape', shape: [2, 3, 1] }, [6], [2, 3, 1]],
  ];
  for (const [layer, from, to] of table) {
    test(`${JSON.stringify(layer)} of [${from.join()}] is [${to.join()}]`, () =>
      assert.deepEqual(shapeAfter(layer, from), to));
  }
});

test('parameters stand in the order of the layers, kernels as TensorFlow has them, with what they are for', () => {
  const { parameters, output_shape, param_groups } = plan(
    [
      { type: 'conv2d', filters: 4, kernel: 3, use_bias: false },
      { type: 'batch_norm' },
      { type: 'global_avg_pool' },
      { type: 'dense', units: 3 },
    ],
    image,
  );
  assert.deepEqual(parameters, [
    { layer: 0, layer_name: '0', name: 'kernel', shape: [3, 3, 3, 4], kind: 'weight' },
    { layer: 1, layer_name: '1', name: 'gamma', shape: [4], kind: 'norm' },
    { layer: 1, layer_name: '1', name: 'beta', shape: [4], kind: 'norm' },
    { layer: 1, layer_name: '1', name: 'moving_mean', shape: [4], kind: 'statistic' },
    { layer: 1, layer_name: '1', name: 'moving_variance', shape: [4], kind: 'statistic' },
    { layer: 3, layer_name: '3', name: 'kernel', shape: [4, 3], kind: 'weight' },
    { layer: 3, layer_name: '3', name: 'bias', shape: [3], kind: 'bias' },
  ]);
  assert.deepEqual(output_shape, [3]);
  assert.deepEqual(param_groups, [[0, 1, 2, 3]]);
});

test('branches join in add, and may start at the input of the model', () => {
  const { layer_shapes } = plan([
    { type: 'dense', units: 6 },
    { type: 'add', inputs: [0, -1] },
    { type: 'relu' },
    { type: 'dense', units: 3, inputs: [1] },
    { type: 'add', inputs: [3, 4 - 1] },
    { type: 'dense', units: 3, inputs: [2] },
    { type: 'add', inputs: [4, 5] },
  ]);
  assert.deepEqual(layer_shapes.at(-1), [3]);
});

test('parameter groups of a list of layers are taken as given; one group may be said in words', () => {
  const layers = [{ type: 'dense', units: 4 }, { type: 'relu' }, { type: 'dense', units: 3 }];
  assert.deepEqual(plan(layers, [6], classes(3), { param_groups: [[0], [2]] }).param_groups, [[0], [2]]);
  assert.deepEqual(plan(layers, [6], classes(3), { param_groups: 'one group' }).param_groups, [[0, 1, 2]]);
});

test('a class may have no row: more outputs than classes fit, fewer do not', () => {
  assert.deepEqual(plan([{ type: 'dense', units: 10 }], [6], classes(3)).output_shape, [10]);
  assert.deepEqual(
    pointersOf(() => plan([{ type: 'dense', units: 2 }], [6], classes(3))),
    ['/layers/0/units'],
  );
});

describe('what does not fit is refused with the pointer of the field', () => {
  const dense = { type: 'dense', units: 3 };
  const table: [string, () => unknown, string[]][] = [
    ['no layers', () => plan([]), ['/layers']],
    [
      'layers that are no list',
      () => planModel({ layers: 3 as unknown as LayerSpec[] }, { x_shape: [6], target: classes(3) }),
      ['/layers'],
    ],
    [
      'neither preset nor layers',
      () => planModel({} as { layers: LayerSpec[] }, { x_shape: [6], target: classes(3) }),
      [''],
    ],
    ['both', () => plan([dense], [6], classes(3), { preset: 'mlp' }), ['/layers']],
    ['an unknown field of the model', () => plan([dense], [6], classes(3), { 'a/b': 1 }), ['/a~1b']],
    ['a layer that is no object', () => plan([null, dense]), ['/layers/0']],
    ['an unknown type', () => plan([{ type: 'lstm' }, dense]), ['/layers/0/type']],
    ['a type of the prototype', () => plan([{ type: 'toString' }, dense]), ['/layers/0/type']],
    ['an unknown field', () => plan([{ ...dense, unit: 3 }]), ['/layers/0/unit']],
    [
      'missing fields, all of them',
      () => plan([{ type: 'conv2d' }, { type: 'dropout' }, dense]),
      ['/layers/0/filters', '/layers/0/kernel', '/layers/1/rate'],
    ],
    ['zero units', () => plan([{ type: 'dense', units: 0 }]), ['/layers/0/units']],
    ['half a unit', () => plan([{ type: 'dense', units: 2.5 }]), ['/layers/0/units']],
    ['units as text', () => plan([{ type: 'dense', units: '3' }]), ['/layers/0/units']],
    ['null for a default', () => plan([{ ...dense, use_bias: null }]), ['/layers/0/use_bias']],
    ['a rate of 1', () => plan([{ type: 'dropout', rate: 1 }, dense]), ['/layers/0/rate']],
    ['an eps of 0', () => plan([{ type: 'batch_norm', eps: 0 }, dense]), ['/layers/0/eps']],
    [
      'an unknown padding',
      () => plan([{ type: 'max_pool', size: 2, padding: 'full' }, { type: 'flatten' }, dense], image),
      ['/layers/0/padding'],
    ],
    [
      'more padding than half a pool',
      () => plan([{ type: 'max_pool', size: 2, padding: 2 }, { type: 'flatten' }, dense], image),
      ['/layers/0/padding'],
    ],
    [
      'more padding than half an average',
      () => plan([{ type: 'avg_pool', size: 2, padding: 2 }, { type: 'flatten' }, dense], image),
      ['/layers/0/padding'],
    ],
    [
      'an average without a size',
      () => plan([{ type: 'avg_pool' }, { type: 'flatten' }, dense], image),
      ['/layers/0/size'],
    ],
    ['an average of a row', () => plan([{ type: 'avg_pool', size: 2 }, dense]), ['/layers/0']],
    ['an unknown start', () => plan([{ ...dense, init: 'zeros' }]), ['/layers/0/init']],
    ['a start of a layer that has none', () => plan([{ type: 'relu', init: 'pytorch' }, dense]), ['/layers/0/init']],
    ['a gamma of words', () => plan([{ type: 'batch_norm', zero_gamma: 'yes' }, dense]), ['/layers/0/zero_gamma']],
    ['dense on an image', () => plan([dense], image), ['/layers/0']],
    ['conv2d on a vector', () => plan([{ type: 'conv2d', filters: 1, kernel: 1 }, dense]), ['/layers/0']],
    ['an average of a vector', () => plan([{ type: 'global_avg_pool' }, dense]), ['/layers/0']],
    [
      'a kernel larger than the image',
      () => plan([{ type: 'conv2d', filters: 1, kernel: 9 }, { type: 'flatten' }, dense], image),
      ['/layers/0/kernel'],
    ],
    [
      'a pool larger than the image',
      () => plan([{ type: 'max_pool', size: 10 }, { type: 'flatten' }, dense], image),
      ['/layers/0/size'],
    ],
    [
      'a reshape to another size',
      () => plan([{ type: 'reshape', shape: [2, 2, 1] }, { type: 'flatten' }, dense]),
      ['/layers/0/shape'],
    ],
    ['an input from a later layer', () => plan([dense, { type: 'add', inputs: [0, 1] }]), ['/layers/1/inputs/1']],
    ['an input that is no index', () => plan([dense, { type: 'add', inputs: ['a', 0] }]), ['/layers/1/inputs']],
    ['two inputs of a dense layer', () => plan([dense, { ...dense, inputs: [0, -1] }]), ['/layers/1/inputs']],
    ['an add of one input', () => plan([dense, { type: 'add' }]), ['/layers/1/inputs']],
    ['an add of two shapes', () => plan([dense, { type: 'add', inputs: [0, -1] }]), ['/layers/1/inputs']],
    ['an output that nobody takes', () => plan([dense, { ...dense, inputs: [-1] }]), ['/layers/0']],
    ['an image as output', () => plan([{ type: 'conv2d', filters: 3, kernel: 1 }], image), ['/layers/0']],
    ['too many values', () => plan([dense], [6], values(2)), ['/layers/0/units']],
    ['nothing to train', () => plan([{ type: 'relu' }]), ['/layers']],
    [
      'more than a tensor can hold',
      () => plan([{ type: 'dense', units: 1e9 }, dense], [6]),
      ['/layers/0', '/layers/1'],
    ],
    ['groups that are no lists', () => plan([dense], [6], classes(3), { param_groups: [0] }), ['/param_groups']],
    ['no groups', () => plan([dense], [6], classes(3), { param_groups: [] }), ['/param_groups']],
    [
      'a layer in no group',
      () => plan([{ type: 'dense', units: 4 }, dense], [6], classes(3), { param_groups: [[1]] }),
      ['/param_groups'],
    ],
    [
      'a layer in two groups',
      () => plan([{ type: 'dense', units: 4 }, dense], [6], classes(3), { param_groups: [[0, 1], [1]] }),
      ['/param_groups/1/0'],
    ],
    [
      'a group of a layer that does not exist',
      () => plan([dense], [6], classes(3), { param_groups: [[0, 7]] }),
      ['/param_groups/0/1'],
    ],
    [
      'a group without parameters',
      () => plan([{ type: 'relu' }, dense], [6], classes(3), { param_groups: [[0], [1]] }),
      ['/param_groups/0'],
    ],
  ];
  for (const [name, call, pointers] of table) test(name, () => assert.deepEqual(pointersOf(call), pointers));
});
