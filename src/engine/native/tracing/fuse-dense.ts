import { attr, constantInts, type NodeDef } from './graph.js';
import { type Fused, isValue, orderings, Reading, withFused } from './graph-reading.js';

/** From so many multiplications in a product on, TensorFlow's own is the faster one. */
const manyMultiplications = 2 ** 26;

/**
 * Puts one op of ours (addon/dense.cc) in the place of each product of matrices with its bias and ReLU, and one in the
 * place of their gradients: of the weights, of the bias, and of the layer's input with the ReLU before it. What is not
 * exactly this stays.
 */
export function fuseDense(nodes: readonly NodeDef[]): NodeDef[] {
  const graph = new Reading(nodes);
  return withFused(nodes, [
    ...nodes.flatMap((node) => forwardAt(node, graph) ?? []),
    ...withoutOverlap(nodes.flatMap((node) => backwardAt(node, graph) ?? [])),
  ]);
}

/** A product, its bias, and ReLU where nothing but that reads the sum. */
function forwardAt(sum: NodeDef, graph: Reading): Fused | null {
  if (sum.op !== 'BiasAdd') return null;
  const [multiplied, bias] = sum.input;
  const product = graph.node(multiplied);
  if (product === undefined || !isProduct(product, graph, false, false)) return null;
  if (graph.readers(multiplied).length !== 1) return null;
  const readers = graph.readers(sum.name);
  const relu = readers.length === 1 && readers[0].op === 'Relu' ? readers[0] : null;
  const replaced = relu === null ? [product] : [product, relu];
  const input = [...product.input.filter(isValue), bias, ...[...replaced, sum].flatMap(orderings)];
  return {
    ours: { ...sum, op: 'OnecycleDense', input, attr: { relu: attr.bool(relu !== null) } },
    gone: replaced.map(({ name }) => [name, sum.name]),
  };
}

/** The gradient of weights, and those of the bias and of the input that are made of the same gradient. */
function backwardAt(ofWeights: NodeDef, graph: Reading): Fused | null {
  if (!isProduct(ofWeights, graph, true, false) || orderings(ofWeights).length > 0) return null;
  const [x, dy] = ofWeights.input;
  const ofInput = graph.readers(dy).find((node) => isInputGradient(node, ofWeights, graph));
  const ofBias = biasGradient(dy, graph);
  if (ofInput === undefined && ofBias === undefined) return null;
  const name = ofWeights.name;
  const gone: Fused['gone'] = ofBias === undefined ? [] : [[ofBias.name, `${name}:1`]];
  let relu = false;
  if (ofInput !== undefined) {
    gone.push([ofInput.name, `${name}:2`]);
    const readers = graph.readers(ofInput.name);
    const [reader] = readers;
    relu = readers.length === 1 && reader.op === 'ReluGrad' && reader.input[1] === x && orderings(reader).length === 0;
    if (relu) gone.push([reader.name, `${name}:2`]);
  }
  const attributes = { relu: attr.bool(relu), wants_dx: attr.bool(ofInput !== undefined) };
  // Without the input's gradient, the third is not looked at.
  const input = [dy, x, ofInput?.input[1] ?? x];
  return { ours: { ...ofWeights, op: 'OnecycleDenseGrad', input, attr: attributes }, gone };
}

/** Whether a node is the gradient of x in x·w, by the same gradient of the product. */
function isInputGradient(node: NodeDef, ofWeights: NodeDef, graph: Reading): boolean {
  const weights = graph.shape(node.input[1]);
  return (
    isProduct(node, graph, false, true) &&
    node.input[0] === ofWeights.input[1] &&
    orderings(node).length === 0 &&
    weights !== undefined &&
    weights.join() === ofWeights.shape?.join()
  );
}

/** The sum of a matrix's rows, of it as it is or as a batch of one. */
function biasGradient(dy: string, graph: Reading): NodeDef | undefined {
  const columns = graph.shape(dy)?.at(-1);
  return graph
    .readers(dy)
    .flatMap((reader) => (reader.op === 'Reshape' ? graph.readers(reader.name) : [reader]))
    .find((sum) => {
      const summed = graph.shape(sum.input[0]);
      const axes = graph.node(sum.input[1]);
      if (sum.op !== 'Sum' || summed === undefined || axes === undefined || orderings(sum).length > 0) return false;
      const rows = summed.slice(0, -1);
      return (
        summed.at(-1) === columns &&
        sum.shape?.join() === `${columns}` &&
        constantInts(axes)?.join() === rows.map((_, i) => i).join()
      );
    });
}

/** Whether a node is a product of two matrices, transposed or not, that is not too large. */
function isProduct(node: NodeDef, graph: Reading, transposesA: boolean, transposesB: boolean): boolean {
  if (node.op !== 'MatMul' || node.attr.transpose_a.b !== transposesA || node.attr.transpose_b.b !== transposesB)
    return false;
  const [a, b] = node.input.map((input) => graph.shape(input));
  if (a?.length !== 2 || b?.length !== 2 || node.shape?.length !== 2) return false;
  const [rows, columns] = node.shape;
  return rows * columns * a[transposesA ? 0 : 1] < manyMultiplications;
}

/** Of several that have a node in common, the first. */
function withoutOverlap(found: readonly Fused[]): Fused[] {
  const taken = new Set<string>();
  return found.filter(({ gone }) => {
    if (gone.some(([name]) => taken.has(name))) return false;
    for (const [name] of gone) taken.add(name);
    return true;
  });
}
