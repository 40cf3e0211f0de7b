/** Which products become our ops, what of a graph is dropped before, and that what reads them still reads the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropUnused } from '../../../src/engine/native/tracing/drop-unused.js';
import { fuseDense } from '../../../src/engine/native/tracing/fuse-dense.js';
import { attr, Graph, type NodeDef } from '../../../src/engine/native/tracing/graph.js';

type Shape = number[];
const node = (name: string, op: string, input: string[], shape?: Shape): NodeDef => ({
  name,
  op,
  input,
  attr: {},
  ...(shape && { shape }),
});
const product = (name: string, input: string[], shape: Shape, transposed?: 'a' | 'b'): NodeDef => ({
  ...node(name, 'MatMul', input, shape),
  attr: { transpose_a: attr.bool(transposed === 'a'), transpose_b: attr.bool(transposed === 'b') },
});

function axes(...values: number[]): NodeDef {
  const graph = new Graph();
  const found: NodeDef[] = [];
  graph.constant('axes', 3, [values.length], Int32Array.from(values));
  graph.rewrite((nodes) => {
    found.push(...nodes);
    return found;
  });
  return found[0];
}

/** x·w + b, ReLU, a second layer, and the gradients of the second and of the first one's ReLU. */
const exact = (): NodeDef[] => [
  node('x', 'Placeholder', [], [4, 5]),
  ...['w', 'v'].map((name) => node(name, 'ReadVariableOp', [], name === 'w' ? [5, 6] : [6, 3])),
  product('xw', ['x', 'w'], [4, 6]),
  node('sum', 'BiasAdd', ['xw', 'b'], [4, 6]),
  node('relu', 'Relu', ['sum'], [4, 6]),
  product('hv', ['relu', 'v'], [4, 3]),
  node('out', 'BiasAdd', ['hv', 'c'], [4, 3]),
  node('dy', 'Loss', ['out'], [4, 3]),
  axes(0, 1),
  node('row', 'Reshape', ['dy', 'shape'], [1, 4, 3]),
  node('dc', 'Sum', ['row', 'axes'], [3]),
  product('dv', ['relu', 'dy'], [6, 3], 'a'),
  product('dh', ['dy', 'v'], [4, 6], 'b'),
  node('drelu', 'ReluGrad', ['dh', 'relu'], [4, 6]),
  node('update', 'OnecycleApplyAdam', ['v', 'dv', 'dc', 'drelu', '^dh']),
];

const inputsOf = (nodes: readonly NodeDef[], name: string): string[] | undefined =>
  nodes.find((each) => each.name === name)?.input;

test('a product with bias and ReLU is one op of ours, and so are its gradients', () => {
  const fused = fuseDense(exact());
  assert.deepEqual(
    fused.map(({ name, op }) => `${name} ${op}`),
    [
      'x Placeholder',
      'w ReadVariableOp',
      'v ReadVariableOp',
      'sum OnecycleDense',
      'out OnecycleDense',
      'dy Loss',
      'axes Const',
      'row Reshape',
      'dv OnecycleDenseGrad',
      'update OnecycleApplyAdam',
    ],
  );
  assert.deepEqual(inputsOf(fused, 'sum'), ['x', 'w', 'b']);
  assert.deepEqual(inputsOf(fused, 'out'), ['sum', 'v', 'c']);
  assert.deepEqual(inputsOf(fused, 'dv'), ['dy', 'sum', 'v']);
  assert.deepEqual(inputsOf(fused, 'update'), ['v', 'dv', 'dv:1', 'dv:2', '^dv']);
  const attributes = Object.fromEntries(fused.map((each) => [each.name, each.attr]));
  assert.deepEqual(attributes.sum, { relu: attr.bool(true) });
  assert.deepEqual(attributes.out, { relu: attr.bool(false) });
  assert.deepEqual(attributes.dv, { relu: attr.bool(true), wants_dx: attr.bool(true) });
});

test('a layer whose input needs no gradient has none', () => {
  const nodes = exact().filter(({ name }) => !['dh', 'drelu', 'update'].includes(name));
  const ours = fuseDense(nodes).find(({ name }) => name === 'dv');
  assert.deepEqual(ours?.input, ['dy', 'sum', 'sum']);
  assert.deepEqual(ours.attr, { relu: attr.bool(false), wants_dx: attr.bool(false) });
});

/** By what is different, a change of one node; and the ops that are left of what would have been fused. */
const others: [what: string, name: string, change: (node: NodeDef) => NodeDef[], left: string][] = [
  ['a second reader of the product', 'xw', (xw) => [xw, node('other', 'Tanh', ['xw'])], 'xw'],
  ['a second reader of what is not yet positive', 'sum', (sum) => [sum, node('other', 'Tanh', ['sum'])], 'relu'],
  ['a product of batches', 'xw', (xw) => [{ ...xw, shape: [1, 4, 6] }], 'xw'],
  ['a huge product', 'xw', (xw) => [{ ...xw, shape: [2 ** 15, 2 ** 15] }], 'xw'],
  ['another activation’s gradient', 'drelu', (each) => [{ ...each, op: 'Relu6Grad' }], 'drelu'],
  ['the gradient of another ReLU', 'drelu', (each) => [{ ...each, input: ['dh', 'x'] }], 'drelu'],
  ['a second reader of the gradient before ReLU', 'drelu', (each) => [each, node('other', 'Tanh', ['dh'])], 'drelu'],
  ['a sum over other axes', 'axes', () => [axes(0, 2)], 'dc'],
  ['a sum of other columns', 'row', (row) => [{ ...row, shape: [1, 3, 4] }], 'dc'],
  ['weights of another shape', 'v', (v) => [{ ...v, shape: [3, 6] }], 'dh'],
];

for (const [what, name, change, left] of others) {
  test(`${what} stays`, () => {
    const nodes = exact().flatMap((each) => (each.name === name ? change(each) : [each]));
    const fused = fuseDense(nodes);
    assert.deepEqual(fused.find((each) => each.name === left)?.op, nodes.find((each) => each.name === left)?.op);
    assert.ok(!fuseDense(exact()).some((each) => each.name === left));
  });
}

test('what nothing needs is dropped, and what waited for it waits for what came before', () => {
  const nodes = [
    node('first', 'AssignVariableOp', ['handle', 'value']),
    node('read', 'ReadVariableOp', ['handle', '^first']),
    node('unused', 'MatMul', ['read', 'read']),
    node('square', 'Mul', ['value', 'value']),
    node('second', 'AssignVariableOp', ['handle', 'square', '^unused']),
    node('handle', 'VarHandleOp', []),
    node('value', 'Placeholder', []),
    node('done', 'Identity', ['value', '^second']),
  ];
  const left = dropUnused(nodes, ['done']);
  assert.deepEqual(
    left.map(({ name }) => name),
    ['first', 'square', 'second', 'handle', 'value', 'done'],
  );
  assert.deepEqual(inputsOf(left, 'second')?.sort(), ['^first', '^handle', 'handle', 'square']);
  assert.deepEqual(inputsOf(left, 'square'), ['value', 'value']);
});
