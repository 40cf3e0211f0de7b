import * as tf from '@tensorflow/tfjs';
import type { Program, Run, TensorSpec, Variable } from '../../contract.js';
import type { CompiledProgram } from './compiled-program.js';
import { CompiledRun, load, type LoadedGraph } from './compiled-run.js';
import { dropUnused } from './drop-unused.js';
import { fuseBatchNorm, fusesOps } from './fuse-batch-norm.js';
import { fuseDense } from './fuse-dense.js';
import { fusePool } from './fuse-pool.js';
import { Graph } from './graph.js';
import type { KernelRecorder } from './recorder.js';
import { traceFunction, type TracedFunction } from './trace-function.js';
import { addVariables } from './variable-nodes.js';

/** What each function was fed and gave while it was traced, by its name. */
type Trials = Record<string, TracedFunction['trial']>;

/** A program that was compiled here: loaded, and what it takes to load it again. */
export interface Compiled {
  program: CompiledProgram;
  loaded: LoadedGraph;
}

/**
 * Compiles a program: traces its functions into one graph, loads that, and checks each function of it against what its
 * kernels gave one by one. Two loaded graphs share no variables, so every function stands in the same one. The
 * program's variables are freed; those of the graph have values of the check's.
 * @param initial the variables' values, from which functions are traced
 * @throws Error that says why it cannot be compiled; the program's variables then hold other values
 */
export function compile(recorder: KernelRecorder, program: Program, initial: readonly Float32Array[]): Compiled {
  const { binding } = recorder.backend;
  const { compiled, trials } = trace(recorder, program, initial);
  release(program.variables);
  const loaded = load(binding, compiled);
  try {
    const run = new CompiledRun(binding, loaded, () => undefined);
    for (const [name, trial] of Object.entries(trials)) {
      run.write(initial);
      check(run, name, trial);
    }
  } catch (error) {
    binding.deleteSavedModel(loaded.model);
    throw error;
  }
  for (const variable of program.variables) variable.dispose();
  return { program: compiled, loaded };
}

function trace(
  recorder: KernelRecorder,
  { variables, functions }: Program,
  initial: readonly Float32Array[],
): { compiled: CompiledProgram; trials: Trials } {
  const graph = new Graph();
  const nodes = addVariables(graph, variables, recorder.backend.binding.TF_FLOAT);
  const target = { graph, handles: nodes.handles };
  const trials: Trials = {};
  // Each function is traced from the same values, so that it can be checked from them.
  const traced = Object.entries(functions).map(([name, fn]) => {
    const { trial, ...endpoints } = traceFunction(recorder, target, name, fn);
    trials[name] = trial;
    restore(variables, initial);
    return [name, { specs: fn.inputs, ...endpoints }] as const;
  });
  const specs = variables.map(({ shape }): TensorSpec => ({ shape, dtype: 'float32' }));
  if (fusesOps(recorder.backend)) {
    const fetched = [nodes.read, nodes.write, ...traced.map(([, endpoints]) => endpoints)];
    const ends = fetched.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
    graph.rewrite((all) => fuseDense(fusePool(fuseBatchNorm(dropUnused(all, ends)))));
  }
  const compiled = {
    graph: graph.encode(),
    convolves: graph.convolves(),
    elements: variables.reduce((sum, { size }) => sum + size, 0),
    functions: Object.fromEntries(traced),
    read: { specs: [], ...nodes.read },
    write: { specs, ...nodes.write },
  };
  return { compiled, trials };
}

/** Frees the memory of variables whose values the graph now owns: zeros that nobody touches take no pages. */
function release(variables: readonly Variable[]): void {
  tf.tidy(() => variables.forEach((variable) => variable.assign(tf.zeros(variable.shape))));
}

function restore(variables: readonly Variable[], values: readonly Float32Array[]): void {
  tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(values[i], variable.shape))));
}

/**
 * What float32 may lose over some hundred kernels that are fused and ordered otherwise: a share of the largest value.
 */
const relativeTolerance = 1e-3;
const absoluteTolerance = 1e-6;

/**
 * @throws Error if the function in the graph does not give what it gave kernel by kernel: such a graph must not train
 */
function check(run: Run, name: string, { inputs, outputs }: TracedFunction['trial']): void {
  const found = run.call(name, inputs);
  outputs.forEach((expected, i) => {
    const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const allowed = relativeTolerance * scale + absoluteTolerance;
    const wrong = expected.findIndex((value, k) => Math.abs(value - found[i][k]) > allowed);
    if (wrong >= 0)
      throw new Error(`traced ${name} gives ${found[i][wrong]} where its kernels give ${expected[wrong]}`);
  });
}
