import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialWeights, planModel, presetNames, tensorName, withGiven } from '../../src/models/index.js';
import { pointersOf } from '../problems.js';

const target = { kind: 'classes', classes: 3 } as const;
const names = (model: Parameters<typeof planModel>[0], x_shape: number[]) =>
  planModel(model, { x_shape, target }).parameters.map(tensorName);

describe('a preset names its weights alike whatever the shape of the data is', () => {
  // `tabular` takes rows of numbers alone.
  for (const preset of presetNames.filter((name) => name !== 'tabular'))
    test(preset, () => {
      const flat = names({ preset }, [64]);
      assert.deepEqual(names({ preset }, [8, 8]), flat);
      assert.deepEqual(names({ preset }, [8, 8, 3]), flat);
      assert.equal(new Set(flat).size, flat.length);
    });
});

test("resnet18 has torchvision's names, xresnet18 fastai's", () => {
  const layersOf = (preset: string) => [
    ...new Set(names({ preset }, [8, 8, 3]).map((name) => /(.*)\./.exec(name)![1])),
  ];
  const resnet = layersOf('resnet18');
  assert.deepEqual(resnet.slice(0, 4), ['conv1', 'bn1', 'layer1.0.conv1', 'layer1.0.bn1']);
  assert.deepEqual(resnet.filter((name) => name.includes('downsample')).length, 6);
  assert.deepEqual(resnet.slice(-3), ['layer4.1.conv2', 'layer4.1.bn2', 'fc']);
  const xresnet = layersOf('xresnet18');
  assert.deepEqual(xresnet.slice(0, 4), ['0.0', '0.1', '1.0', '1.1']);
  assert.ok(xresnet.includes('5.0.idpath.1.0') && xresnet.includes('4.1.convpath.1.1'));
  assert.equal(xresnet.at(-1), '11');
});

const dense = (units: number, name?: string) => ({
  type: 'dense' as const,
  units,
  ...(name !== undefined && { name }),
});

test('in a list of layers a layer is named as it says, else by its index', () => {
  const named = names({ layers: [dense(2), dense(3, 'out'), dense(3)] }, [4]);
  assert.deepEqual(named, ['0.kernel', '0.bias', 'out.kernel', 'out.bias', '2.kernel', '2.bias']);
});

describe('names that are not right are refused', () => {
  const plan = (...layers: object[]) => planModel({ layers: layers as never }, { x_shape: [4], target });
  const table: [string, () => unknown, string[]][] = [
    ['one name twice', () => plan(dense(2, 'a'), dense(3, 'a')), ['/layers/1/name']],
    ['the index of an earlier layer', () => plan(dense(2), dense(3, '0')), ['/layers/1/name']],
    ['the index of a later layer', () => plan(dense(2, '1'), dense(3)), ['/layers/0/name']],
    ['an empty one', () => plan(dense(3, '')), ['/layers/0/name']],
    ['one with a slash', () => plan(dense(3, 'a/b')), ['/layers/0/name']],
    ['a number', () => plan({ ...dense(3), name: 3 }), ['/layers/0/name']],
  ];
  for (const [name, call, pointers] of table) test(name, () => assert.deepEqual(pointersOf(call), pointers));
});

test('a given weight may say the name of its layer', () => {
  const plan = planModel({ preset: 'mlp', hidden: [2] }, { x_shape: [2, 2], target });
  const value = [1, 2, 3];
  const byName = withGiven(plan, initialWeights(plan, 1), [{ layer: 'output', name: 'bias', value }]);
  const byIndex = withGiven(plan, initialWeights(plan, 1), [{ layer: 3, name: 'bias', value }]);
  assert.deepEqual(byName, byIndex);
  assert.deepEqual(byName.at(-1), Float32Array.from(value));
});
