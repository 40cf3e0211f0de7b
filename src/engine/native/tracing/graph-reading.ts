import type { NodeDef } from './graph.js';
import { producerOf } from './reads.js';

/** Whether an input is a value, and does not only order. */
export const isValue = (input: string): boolean => !input.startsWith('^');
/** The inputs that only order. */
export const orderings = ({ input }: NodeDef): string[] => input.filter((given) => !isValue(given));
/** The node that an input is of. */
export const nodeOf = (input: string): string => producerOf(input.replace(/^\^/, ''));

/** A node of ours, and by name the nodes that are gone for it, with the output of ours that has their place. */
export interface Fused {
  /** Has the name of a node whose place it takes. */
  ours: NodeDef;
  gone: [name: string, output: string][];
}

/** The nodes, with ours in the place of those that they replace. */
export function withFused(nodes: readonly NodeDef[], fused: readonly Fused[]): NodeDef[] {
  const ours = new Map(fused.map((each) => [each.ours.name, each.ours]));
  const gone = new Map(fused.flatMap((each) => each.gone));
  return nodes.filter(({ name }) => !gone.has(name)).map((node) => redirected(ours.get(node.name) ?? node, gone));
}

/**
 * The node, with inputs of nodes that are left.
 * @param gone by the name of a node that is gone, the output that has its place
 */
function redirected(node: NodeDef, gone: ReadonlyMap<string, string>): NodeDef {
  if (!node.input.some((input) => gone.has(nodeOf(input)))) return node;
  const input = node.input.map((given) => {
    const other = gone.get(nodeOf(given));
    return other === undefined ? given : isValue(given) ? other : `^${nodeOf(other)}`;
  });
  return { ...node, input: input.filter((given, i) => isValue(given) || input.indexOf(given) === i) };
}

/** Which nodes read what. */
export class Reading {
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

  /** The node that gives an output, or that orders. */
  node(output: string): NodeDef | undefined {
    return this.byName.get(nodeOf(output));
  }

  /** An output's shape, where it is known. */
  shape(output: string): readonly number[] | undefined {
    return output.includes(':') ? undefined : this.node(output)?.shape;
  }

  /** The nodes that read an output, each as often as it does. */
  readers(output: string): readonly NodeDef[] {
    return this.byInput.get(output) ?? [];
  }
}
