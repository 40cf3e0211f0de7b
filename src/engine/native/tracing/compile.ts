import * as tf from '@tensorflow/tfjs';
import type { Program, Run, TensorSpec, Variable } from '../../contract.js';
import { callOf, CompiledRun } from './compiled-run.js';
import { Graph } from './graph.js';
import { InputMemory } from './input-memory.js';
import { loadGraph } from './load-graph.js';
import type { KernelRecorder } from './recorder.js';
import { chooseThreads } from './threads.js';
import { traceFunction, type TracedFunction } from './trace-function.js';
import { addVariables } from './variable-nodes.js';

/**
 * Compiles a program: traces its functions into one graph, loads that, and checks each function of it against what its
 * kernels gave one by one. Two loaded graphs share no variables, so every function stands in the same one.
 * @param initial the variables' values, which the run starts with
 * @throws Error that says why it cannot be compiled; the program's variables then hold other values
 */
export function compile(recorder: KernelRecorder, program: Program, initial: readonly Float32Array[]): Run {
  const { binding } = recorder.backend;
  const { variables, functions } = program;
  const memory = new InputMemory(Object.values(functions).map(({ inputs }) => inputs));
  const graph = new Graph();
  const nodes = addVariables(graph, variables, binding.TF_FLOAT);
  const target = { graph, handles: nodes.handles };
  // Each function is traced from the same values, so that it can be checked from them.
  const traced = Object.entries(functions).map(([name, fn]) => {
    const result = traceFunction(recorder, target, name, fn);
    restore(variables, initial);
    return { name, result, call: callOf(fn.inputs, result, memory.places(fn.inputs)) };
  });
  release(variables);
  const specs = variables.map(({ shape }): TensorSpec => ({ shape, dtype: 'float32' }));
  const loaded = {
    model: loadGraph(binding, graph, chooseThreads(graph, sizeOf(variables))),
    functions: new Map(traced.map(({ name, call }) => [name, call])),
    read: callOf([], nodes.read),
    write: callOf(specs, nodes.write),
  };
  const run = new CompiledRun(binding, program, loaded);
  try {
    for (const { name, result } of traced) {
      run.write(initial);
      check(run, name, result.trial);
    }
    run.write(initial);
  } catch (error) {
    binding.deleteSavedModel(loaded.model);
    throw error;
  }
  return run;
}

const sizeOf = (variables: readonly Variable[]): number => variables.reduce((sum, { size }) => sum + size, 0);

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
