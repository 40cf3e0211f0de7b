import type { NodeDef } from './graph.js';
import { isValue, nodeOf } from './graph-reading.js';

/** Ops that run for what they do to a variable, and not for what they give. */
const changing = /^(AssignVariableOp|OnecycleApply.*|ResourceApply.*)$/;

/**
 * The nodes without those whose values reach neither what is fetched nor a change of a variable, like the gradient of a
 * model's input, which TensorFlow.js computes and throws away. TensorFlow would leave them out as well; but what reads
 * a value is to be known before.
 * @param fetched the nodes that calls feed and fetch
 */
export function dropUnused(nodes: readonly NodeDef[], fetched: readonly string[]): NodeDef[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const inputs = (name: string): string[] => byName.get(name)?.input ?? [];
  const changes = nodes.filter(({ op }) => changing.test(op)).map(({ name }) => name);

  const needed = new Set([...fetched.map(nodeOf), ...changes]);
  // A loop over a set also visits what is added to it meanwhile.
  for (const name of needed) for (const input of inputs(name).filter(isValue)) needed.add(nodeOf(input));

  /** For an ordering by a node that is gone, those by all that it came after. */
  const before = (name: string): string[] => {
    const passed = new Set([name]);
    for (const each of passed) {
      if (!needed.has(each)) for (const input of inputs(each)) passed.add(nodeOf(input));
    }
    return [...passed].filter((each) => needed.has(each)).map((each) => `^${each}`);
  };
  const left = (node: NodeDef): NodeDef => {
    if (node.input.every((input) => needed.has(nodeOf(input)))) return node;
    const orderings = node.input.filter((input) => !isValue(input)).map(nodeOf);
    const found = orderings.flatMap((name) => (needed.has(name) ? [`^${name}`] : before(name)));
    return { ...node, input: [...node.input.filter(isValue), ...new Set(found)] };
  };
  return nodes.filter(({ name }) => needed.has(name)).map(left);
}
