import type { NodeDef } from './graph.js';
import { type Fused, isValue, orderings, Reading, withFused } from './graph-reading.js';

/** One of our batch norms and what pools it, or their gradients. */
interface Pair {
  norm: NodeDef;
  pool: NodeDef;
}

/**
 * Lets our batch norm with ReLU (`fuseBatchNorm`) pool its result too where windows of 2x2 pixels are all that reads it,
 * and the gradient likewise. What is not exactly this stays.
 */
export function fusePool(nodes: readonly NodeDef[]): NodeDef[] {
  const graph = new Reading(nodes);
  return withFused(
    nodes,
    nodes.flatMap((pool) => fusedAt(pool, graph)),
  );
}

/** What a pool and its gradient become with their batch norm. */
function fusedAt(pool: NodeDef, graph: Reading): Fused[] {
  const forward = forwardPair(pool, graph);
  const backward = forward === null ? null : backwardPair(forward, graph);
  if (forward === null || backward === null) return [];
  const fused = ({ norm, pool }: Pair, op: string, given: string[], shape = norm.shape): Fused => ({
    ours: { ...norm, op, input: [...given, ...orderings(norm), ...orderings(pool)], ...(shape && { shape }) },
    gone: [[pool.name, norm.name]],
  });
  return [
    fused(forward, 'OnecycleBatchNormReluPool', forward.norm.input.filter(isValue), pool.shape),
    ...backward.map((pair) => {
      const [, ...rest] = pair.norm.input.filter(isValue);
      return fused(pair, 'OnecycleBatchNormReluPoolGrad', [pair.pool.input[2], ...rest]);
    }),
  ];
}

/** A pool of one of our batch norms, whose windows are of 2x2 pixels and lie beside one another. */
function forwardPair(pool: NodeDef, graph: Reading): Pair | null {
  if (pool.op !== 'MaxPool' || !hasOurWindows(pool)) return null;
  const norm = graph.node(pool.input[0]);
  if (norm?.op !== 'OnecycleBatchNormRelu' || pool.input[0] !== norm.name) return null;
  const [height, width] = norm.shape?.slice(1) ?? [];
  // What is added at a border is in no window of ours; a row or column that is too few for a window may be left out.
  const exact = textOf(pool, 'padding') === 'VALID' || (height % 2 === 0 && width % 2 === 0);
  return exact ? { norm, pool } : null;
}

function hasOurWindows({ attr }: NodeDef): boolean {
  const sizes = [attr.ksize, attr.strides].map(({ list }) => (list as { i: readonly number[] }).i.join());
  return sizes.every((size) => size === '1,2,2,1');
}

const textOf = ({ attr }: NodeDef, name: string): string => String(attr[name].s);

/** The gradients of both: none where there are none; null where something else reads batch norm's or pool's. */
function backwardPair({ norm, pool }: Pair, graph: Reading): Pair[] | null {
  const others = graph.readers(norm.name).filter((reader) => reader !== pool);
  if (others.length === 0) return graph.readers(`${norm.name}:3`).length === 0 ? [] : null;
  const [gradient] = others;
  const [given, result] = gradient.input;
  const readers = graph.readers(gradient.name);
  const exact =
    others.length === 1 &&
    gradient.op === 'MaxPoolGrad' &&
    hasOurWindows(gradient) &&
    textOf(gradient, 'padding') === textOf(pool, 'padding') &&
    given === norm.name &&
    result === pool.name &&
    readers.length === 1 &&
    readers[0].op === 'OnecycleBatchNormReluGrad' &&
    readers[0].input[0] === gradient.name &&
    readers[0].input[2] === `${norm.name}:3`;
  return exact ? [{ norm: readers[0], pool: gradient }] : null;
}
