import type { StepFunction, TensorValues, Variable } from '../../contract.js';
import { toTensor } from '../../eager/eager-run.js';
import { tidyValues } from '../../tidy-values.js';
import type { Graph } from './graph.js';
import type { KernelRecorder } from './recorder.js';
import { Trace } from './trace.js';
import { trialValues } from './trial-values.js';

/** The nodes that a call feeds and fetches. */
export interface Endpoints {
  inputs: string[];
  outputs: string[];
}

/** A function in a graph, and what it was fed and gave while it was traced, to check the graph with. */
export interface TracedFunction extends Endpoints {
  trial: { inputs: TensorValues[]; outputs: Float32Array[] };
}

/** Where functions are traced to: a graph that has the program's variables, and by variable the node of its handle. */
export interface TraceTarget {
  graph: Graph;
  handles: ReadonlyMap<Variable, string>;
}

/**
 * Runs a function once, on made-up inputs, and writes it into a graph as nodes `NAME/…`.
 * Variables that it assigns have other values afterwards.
 * @throws Error if the function does what cannot be traced (see `StepFunction`); and what the function throws
 */
export function traceFunction(
  recorder: KernelRecorder,
  { graph, handles }: TraceTarget,
  name: string,
  { inputs: specs, body }: StepFunction,
): TracedFunction {
  return tidyValues(() => {
    const trace = new Trace(recorder.backend, graph, name, handles);
    const values = specs.map((spec, i) => trialValues(spec, i));
    // Uploaded by `addInput`, before anything is recorded, and so no constants of the graph.
    const tensors = specs.map((spec, i) => toTensor(values[i], spec));
    const inputs = specs.map((spec, i) => trace.addInput(i, spec, tensors[i]));
    return recorder.record(trace, () => {
      const results = body(tensors);
      const outputs = trace.addOutputs(results);
      const trialOutputs = results.map((result) => Float32Array.from(result.dataSync()));
      return { inputs, outputs, trial: { inputs: values, outputs: trialOutputs } };
    });
  });
}
