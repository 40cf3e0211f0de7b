import type { NativeBackend } from '../backend.js';
import type { NodeDef } from './graph.js';
import { type Fused, isValue, orderings, Reading, withFused } from './graph-reading.js';

/** Whether our ops are the faster ones: they are for the CPU, and only on Linux have they TensorFlow's threads. */
export const fusesOps = (backend: NativeBackend): boolean => process.platform === 'linux' && !backend.isUsingGpuDevice;

/** A batch norm and its ReLU, or the gradients of both. */
interface Pair {
  norm: NodeDef;
  relu: NodeDef;
}

/**
 * Puts one op of ours (addon/batch_norm_relu.cc) in the place of each batch norm that is followed by ReLU, and one in
 * the place of their gradients. What is not exactly this stays: a batch norm whose result something else reads too, or
 * whose gradient is of more than ReLU's.
 */
export function fuseBatchNorm(nodes: readonly NodeDef[]): NodeDef[] {
  const graph = new Reading(nodes);
  return withFused(
    nodes,
    nodes.flatMap((norm) => fusedAt(norm, graph)),
  );
}

/** What a batch norm and its gradient become. */
function fusedAt(norm: NodeDef, graph: Reading): Fused[] {
  const forward = forwardPair(norm, graph);
  const backward = forward === null ? null : backwardPair(forward, graph);
  if (forward === null || backward === null) return [];
  const [x, gamma, beta] = norm.input;
  const { epsilon } = norm.attr;
  const fused = (pair: Pair, op: string, given: string[]): Fused => {
    const { name, shape } = pair.norm;
    const input = [...given, ...orderings(pair.norm), ...orderings(pair.relu)];
    return { ours: { name, op, input, attr: { epsilon }, ...(shape && { shape }) }, gone: [[pair.relu.name, name]] };
  };
  return [
    fused(forward, 'OnecycleBatchNormRelu', [x, gamma, beta]),
    ...backward.map((pair) =>
      fused(pair, 'OnecycleBatchNormReluGrad', [pair.relu.input[0], x, `${norm.name}:3`, gamma]),
    ),
  ];
}

/** A batch norm in training, if ReLU is all that reads its result. */
function forwardPair(norm: NodeDef, graph: Reading): Pair | null {
  if (norm.op !== 'FusedBatchNormV3' || norm.attr.is_training.b !== true) return null;
  const readers = graph.readers(norm.name);
  return readers.length === 1 && readers[0].op === 'Relu' ? { norm, relu: readers[0] } : null;
}

/** The gradients of both: none where nothing reads what is kept for them; null where something else does. */
function backwardPair({ norm, relu }: Pair, graph: Reading): Pair[] | null {
  const kept = [3, 4, 5].map((output) => `${norm.name}:${output}`);
  const readers = new Set(kept.flatMap((output) => graph.readers(output)));
  if (readers.size === 0) return [];
  const [gradient] = readers;
  const [dy, ...inputs] = gradient.input.filter(isValue);
  const reluGradient = graph.node(dy);
  const exact =
    readers.size === 1 &&
    gradient.op === 'FusedBatchNormGradV3' &&
    gradient.attr.is_training.b === true &&
    inputs.join() === [norm.input[0], norm.input[1], ...kept].join() &&
    reluGradient?.op === 'ReluGrad' &&
    reluGradient.input[1] === relu.name &&
    graph.readers(dy).length === 1;
  return exact ? [{ norm: gradient, relu: reluGradient }] : null;
}
