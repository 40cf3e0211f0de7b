import type { Variable } from '../../contract.js';
import { attr, type Graph } from './graph.js';
import type { Endpoints } from './trace-function.js';

/** A program's variables in a graph. */
export interface VariableNodes {
  /** By variable, the node of its handle. */
  handles: ReadonlyMap<Variable, string>;
  /** Gives all values. */
  read: Endpoints;
  /** Takes all values. */
  write: Endpoints;
}

/**
 * Adds variables to a graph, and two functions that read and write them all. Values are fed at the first write, not
 * kept in the graph: as constants they would cost seconds and a gigabyte.
 * @param float TensorFlow's number for float32
 */
export function addVariables(graph: Graph, variables: readonly Variable[], float: number): VariableNodes {
  const dtype = { dtype: attr.type(float) };
  const T = { T: attr.type(float) };
  const handles = variables.map(({ shape }, i) =>
    graph.add(`variables/v${i}`, 'VarHandleOp', [], {
      ...dtype,
      shape: attr.shape(shape),
      shared_name: attr.string(`v${i}`),
      container: attr.string(''),
    }),
  );
  const reads = handles.map((handle, i) => graph.add(`variables/read${i}`, 'ReadVariableOp', [handle], dtype));
  const feeds = variables.map(({ shape }, i) => graph.placeholder(`variables/in${i}`, float, shape));
  // A variable that took over JavaScript's memory would free it on one of TensorFlow's threads, where Node must not be
  // called.
  const copies = feeds.map((feed, i) => graph.add(`variables/copy${i}`, 'DeepCopy', [feed], T));
  const writes = handles.map((handle, i) =>
    graph.add(`variables/write${i}`, 'AssignVariableOp', [handle, copies[i]], dtype),
  );
  const zero = graph.constant('variables/zero', float, [], Float32Array.of(0));
  const done = graph.add('variables/done', 'Identity', [zero, ...writes.map((name) => `^${name}`)], T);
  return {
    handles: new Map(variables.map((variable, i) => [variable, handles[i]])),
    read: { inputs: [], outputs: reads },
    write: { inputs: feeds, outputs: [done] },
  };
}
