/** Which batch norms become our op, and that what reads them still reads the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuseBatchNorm } from '../../../src/engine/native/tracing/fuse-batch-norm.js';
import { attr, type NodeDef } from '../../../src/engine/native/tracing/graph.js';

const node = (name: string, op: string, ...input: string[]): NodeDef => ({ name, op, input, attr: {} });
const norm = (name: string, op: string, input: string[], training = true): NodeDef => ({
  ...node(name, op, ...input),
  attr: { epsilon: attr.float(0.5), is_training: attr.bool(training), T: attr.type(1) },
});

/** Batch norm, ReLU, something that reads it, and their gradients, with an update that waits for what has read gamma. */
const exact = (): NodeDef[] => [
  norm('norm', 'FusedBatchNormV3', ['x', 'gamma', 'beta', 'none', 'none', '^first']),
  node('moved', 'Mul', 'norm:1', 'norm:2'),
  node('relu', 'Relu', 'norm'),
  node('y', 'MatMul', 'relu', 'relu'),
  node('drelu', 'ReluGrad', 'dy', 'relu', '^second'),
  norm('dnorm', 'FusedBatchNormGradV3', ['drelu', 'x', 'gamma', 'norm:3', 'norm:4', 'norm:5']),
  node('dx', 'Identity', 'dnorm'),
  node('update', 'OnecycleApplyAdam', 'gamma', 'dnorm:1', '^norm', '^relu', '^drelu', '^dnorm'),
];

test('batch norm with ReLU is one op of ours, and so are their gradients', () => {
  const { epsilon } = exact()[0].attr;
  assert.deepEqual(fuseBatchNorm(exact()), [
    { name: 'norm', op: 'OnecycleBatchNormRelu', input: ['x', 'gamma', 'beta', '^first'], attr: { epsilon } },
    node('moved', 'Mul', 'norm:1', 'norm:2'),
    node('y', 'MatMul', 'norm', 'norm'),
    {
      name: 'dnorm',
      op: 'OnecycleBatchNormReluGrad',
      input: ['dy', 'x', 'norm:3', 'gamma', '^second'],
      attr: { epsilon },
    },
    node('dx', 'Identity', 'dnorm'),
    node('update', 'OnecycleApplyAdam', 'gamma', 'dnorm:1', '^norm', '^dnorm'),
  ]);
});

test('without gradients only the op itself', () => {
  const nodes = exact().filter(({ name }) => !/^(drelu|dnorm|dx|update)$/.test(name));
  assert.deepEqual(
    fuseBatchNorm(nodes).map(({ op }) => op),
    ['OnecycleBatchNormRelu', 'Mul', 'MatMul'],
  );
});

test('two in a row, the gradient of the second going into that of the first', () => {
  const second = exact().map(({ name, input, ...rest }) => {
    const renamed = (text: string) => text.replace(/[a-z]+/, (word) => `${word}2`);
    return { ...rest, name: renamed(name), input: input.map(renamed) };
  });
  second[0].input[0] = 'relu';
  second.find(({ name }) => name === 'dnorm2')!.input[1] = 'relu';
  const first = exact().filter(({ name }) => name !== 'dx');
  first.find(({ name }) => name === 'drelu')!.input[0] = 'dnorm2';
  const byName = new Map(fuseBatchNorm([...first, ...second]).map((each) => [each.name, each]));
  assert.deepEqual(byName.get('norm2')?.input, ['norm', 'gamma2', 'beta2', '^first2']);
  assert.deepEqual(byName.get('dnorm2')?.input, ['dy2', 'norm', 'norm2:3', 'gamma2', '^second2']);
  assert.deepEqual(byName.get('dnorm')?.input, ['dnorm2', 'x', 'norm:3', 'gamma', '^second']);
});

/** By what is different, a change of one node. */
const others: [what: string, name: string, change: (node: NodeDef) => NodeDef | NodeDef[]][] = [
  ['another activation', 'relu', (relu) => ({ ...relu, op: 'Relu6' })],
  ['a sum before ReLU', 'relu', () => [node('sum', 'AddV2', 'norm', 'x'), node('relu', 'Relu', 'sum')]],
  ['a second reader of what is not yet positive', 'y', (y) => [y, node('other', 'Tanh', 'norm')]],
  ['moving averages in place of the batch’s', 'norm', ({ name, op, input }) => norm(name, op, input, false)],
  ['a gradient with moving averages', 'dnorm', ({ name, op, input }) => norm(name, op, input, false)],
  ['a gradient that is a sum', 'dnorm', (dnorm) => ({ ...dnorm, input: ['sum', ...dnorm.input.slice(1)] })],
  ['a second reader of ReLU’s gradient', 'dx', (dx) => [dx, node('other', 'Tanh', 'drelu')]],
  ['a second reader of what is kept', 'dx', (dx) => [dx, node('other', 'Tanh', 'norm:4')]],
  ['the gradient of another ReLU', 'drelu', (drelu) => ({ ...drelu, input: ['dy', 'y'] })],
  ['the gradient of other values', 'dnorm', (dnorm) => ({ ...dnorm, input: dnorm.input.with(1, 'y') })],
];

for (const [what, name, change] of others) {
  test(`${what}: all stays as it is`, () => {
    const nodes = exact().flatMap((each) => (each.name === name ? change(each) : each));
    assert.deepEqual(fuseBatchNorm(nodes), nodes);
  });
}
