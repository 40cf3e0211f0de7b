/** Which pools become part of our op, and that what reads them still reads the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fusePool } from '../../../src/engine/native/tracing/fuse-pool.js';
import { attr, type NodeDef } from '../../../src/engine/native/tracing/graph.js';

const node = (name: string, op: string, ...input: string[]): NodeDef => ({ name, op, input, attr: {} });
const ints = (...values: number[]) => ({ list: { i: values } });
const pool = (node: NodeDef, padding = 'VALID', size = [1, 2, 2, 1], strides = size): NodeDef => ({
  ...node,
  attr: { ksize: ints(...size), strides: ints(...strides), padding: attr.string(padding) },
});
const epsilon = attr.float(0.5);
const norm = (node: NodeDef, shape?: number[]): NodeDef => ({ ...node, attr: { epsilon }, ...(shape && { shape }) });

/** Batch norm with ReLU, its pool, something that reads it, and their gradients. */
const exact = (padding = 'VALID', shape = [8, 5, 6, 3]): NodeDef[] => [
  norm(node('norm', 'OnecycleBatchNormRelu', 'x', 'gamma', 'beta', '^first'), shape),
  node('moved', 'Mul', 'norm:1', 'norm:2'),
  { ...pool(node('pool', 'MaxPool', 'norm', '^second'), padding), shape: [8, 2, 3, 3] },
  node('y', 'Conv2D', 'pool', 'kernel'),
  pool(node('dpool', 'MaxPoolGrad', 'norm', 'pool', 'dy', '^third'), padding),
  norm(node('dnorm', 'OnecycleBatchNormReluGrad', 'dpool', 'x', 'norm:3', 'gamma')),
  node('dx', 'Identity', 'dnorm'),
  node('update', 'OnecycleApplyAdam', 'gamma', 'dnorm:1', '^norm', '^pool', '^dpool', '^dnorm'),
];

test('what pools our batch norm becomes part of it, and so do their gradients', () => {
  assert.deepEqual(fusePool(exact()), [
    norm(node('norm', 'OnecycleBatchNormReluPool', 'x', 'gamma', 'beta', '^first', '^second'), [8, 2, 3, 3]),
    node('moved', 'Mul', 'norm:1', 'norm:2'),
    node('y', 'Conv2D', 'norm', 'kernel'),
    norm(node('dnorm', 'OnecycleBatchNormReluPoolGrad', 'dy', 'x', 'norm:3', 'gamma', '^third')),
    node('dx', 'Identity', 'dnorm'),
    node('update', 'OnecycleApplyAdam', 'gamma', 'dnorm:1', '^norm', '^dnorm'),
  ]);
});

test('without gradients only the op itself', () => {
  const nodes = exact().filter(({ name }) => !/^(dpool|dnorm|dx|update)$/.test(name));
  assert.deepEqual(
    fusePool(nodes).map(({ op }) => op),
    ['OnecycleBatchNormReluPool', 'Mul', 'Conv2D'],
  );
});

test('padding that adds nothing is as none', () => {
  assert.equal(fusePool(exact('SAME', [8, 4, 6, 3])).length, exact().length - 2);
});

/** By what is different, a change of one node. */
const others: [what: string, name: string, change: (node: NodeDef) => NodeDef | NodeDef[]][] = [
  ['padding that adds a row', 'pool', (each) => pool(each, 'SAME')],
  ['other windows', 'pool', (each) => pool(each, 'VALID', [1, 3, 3, 1])],
  ['windows that overlap', 'pool', (each) => pool(each, 'VALID', [1, 2, 2, 1], [1, 1, 1, 1])],
  ['means', 'pool', (each) => ({ ...each, op: 'AvgPool' })],
  ['a batch norm without ReLU', 'norm', (each) => ({ ...each, op: 'FusedBatchNormV3' })],
  ['a second reader of what is pooled', 'y', (y) => [y, node('other', 'Tanh', 'norm')]],
  ['a second reader of pool’s gradient', 'dx', (dx) => [dx, node('other', 'Tanh', 'dpool')]],
  ['a gradient of other windows', 'dpool', (each) => pool(each, 'VALID', [1, 3, 3, 1])],
  ['a gradient of other values', 'dpool', (each) => ({ ...each, input: each.input.with(1, 'y') })],
  ['a gradient that is a sum', 'dnorm', (dnorm) => ({ ...dnorm, input: dnorm.input.with(0, 'sum') })],
  ['a batch norm’s gradient without pool’s', 'dpool', () => []],
];

for (const [what, name, change] of others) {
  test(`${what}: all stays as it is`, () => {
    const nodes = exact().flatMap((each) => (each.name === name ? change(each) : each));
    assert.deepEqual(fusePool(nodes), nodes);
  });
}
