import type { NativeBackend } from '../backend.js';
import type { NodeDef } from './graph.js';
import { producerOf } from './reads.js';

/**
 * Whether our op for batch norm and ReLU is the faster one: it is for the CPU, and only on Linux has it TensorFlow's
 * threads.
 */
export const fusesBatchNorm = (backend: NativeBackend): boolean =>
  process.platform === 'linux' && !backend.isUsingGpuDevice;

/** A batch norm and its ReLU, or the gradients of both: one node of ours has the first's name, the other is gone. */
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
  const found = nodes.flatMap((norm) => fusedAt(norm, graph));
  const ours = new Map(found.map(({ norm }) => [norm.name, norm]));
  const gone = new Map(found.map(({ norm, relu }) => [relu.name, norm.name]));
  return nodes.filter(({ name }) => !gone.has(name)).map((node) => redirected(ours.get(node.name) ?? node, gone));
}

/** What a batch norm and its gradient become, each as our node with the ReLU that it replaces. */
function fusedAt(norm: NodeDef, graph: Reading): Pair[] {
  const forward = forwardPair(norm, graph);
  const backward = forward === null ? null : backwardPair(forward, graph);
  if (forward === null || backward === null) return [];
  const [x, gamma, beta] = norm.input;
  const { epsilon } = norm.attr;
  const ours = (pair: Pair, op: string, input: string[]): Pair => ({
    ...pair,
    norm: {
      name: pair.norm.name,
      op,
      input: [...input, ...orderings(pair.norm), ...orderings(pair.relu)],
      attr: { epsilon },
    },
  });
  return [
    ours(forward, 'OnecycleBatchNormRelu', [x, gamma, beta]),
    ...backward.map((pair) =>
      ours(pair, 'OnecycleBatchNormReluGrad', [pair.relu.input[0], x, `${norm.name}:3`, gamma]),
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

/** The node, with inputs of nodes that are left. */
function redirected(node: NodeDef, gone: ReadonlyMap<string, string>): NodeDef {
  if (!node.input.some((input) => gone.has(nodeOf(input)))) return node;
  const input = node.input.map((given) => {
    const other = gone.get(nodeOf(given));
    return other === undefined ? given : `${isValue(given) ? '' : '^'}${other}`;
  });
  return { ...node, input: input.filter((given, i) => isValue(given) || input.indexOf(given) === i) };
}

/** Whether an input is a value, and does not only order. */
const isValue = (input: string): boolean => !input.startsWith('^');
const orderings = ({ input }: NodeDef): string[] => input.filter((given) => !isValue(given));
const nodeOf = (input: string): string => producerOf(input.replace(/^\^/, ''));

/** Which nodes read what. */
class Reading {
  private readonly byName: ReadonlyMap<string, NodeDef>;
  private readonly byInput = new Map<string, NodeDef[]>();

  constructor(nodes: readonly NodeDef[]) {
    this.byName = new Map(nodes.map((node) => [node.name, node]));
    for (const node of nodes) {
      for (const input of node.input) {
        const readers = this.byInput.get(input);
        if (readers === undefined) this.byInput.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  node(output: string): NodeDef | undefined {
    return this.byName.get(producerOf(output));
  }

  /** The nodes that read an output, each as often as it does. */
  readers(output: string): readonly NodeDef[] {
    return this.byInput.get(output) ?? [];
  }
}
