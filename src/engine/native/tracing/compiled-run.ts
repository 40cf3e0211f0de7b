import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import type { Program, Run, TensorSpec, TensorValues, Variable } from '../../contract.js';
import { attr, Graph, servingTag } from './graph.js';
import { InputMemory, placed } from './input-memory.js';
import { chooseThreads } from './threads.js';
import type { Traced, Tracer } from './tracer.js';

/** A call as the addon takes it: names joined once, not at every step. */
interface Call {
  specs: TensorSpec[];
  feeds: string;
  fetches: string;
  /** Where inputs are put first that TensorFlow would else copy. */
  places: TensorValues[] | undefined;
}

/**
 * A program as ONE graph over its variables: a call of any of its functions is one native call.
 * Two loaded graphs share no variables, so every function stands in the same one.
 */
export class CompiledRun implements Run {
  readonly mode = { name: 'compiled' } as const;
  private readonly binding: TFJSBinding;
  private readonly model: number;
  private readonly calls = new Map<string, Call>();
  private readonly specs: TensorSpec[];

  constructor(
    { binding }: NodeJSKernelBackend,
    tracer: Tracer,
    private readonly program: Program,
    initial: readonly Float32Array[],
  ) {
    this.binding = binding;
    this.specs = program.variables.map(({ shape }) => ({ shape, dtype: 'float32' }));
    const memory = new InputMemory(Object.values(program.functions).map(({ inputs }) => inputs));
    const graph = new Graph();
    const handles = this.addVariables(graph, program.variables);
    // Each function is traced from the same values, so that it can be checked from them.
    const traced = Object.entries(program.functions).map(([name, fn]) => {
      const result = tracer.trace(graph, name, handles, fn);
      this.addCall(name, fn.inputs, result, memory.places(fn.inputs));
      restore(program.variables, initial);
      return { name, ...result.trial };
    });
    release(program.variables);
    this.model = this.load(graph);
    try {
      for (const { name, inputs, outputs } of traced) {
        this.write(initial);
        check(name, this.call(name, inputs), outputs);
      }
    } catch (error) {
      binding.deleteSavedModel(this.model);
      throw error;
    }
    this.write(initial);
  }

  call(name: string, inputs: TensorValues[]): Float32Array[] {
    const { specs, feeds, fetches, places } = this.calls.get(name)!;
    const { binding } = this;
    const value = (i: number) => (places === undefined ? inputs[i] : placed(inputs[i], places[i]));
    const ids = specs.map(({ shape, dtype }, i) => binding.createTensor(shape, this.dtype(dtype), value(i)));
    try {
      return binding.runSavedModel(this.model, ids, feeds, fetches).map(({ id }) => {
        const output = binding.tensorDataSync(id) as Float32Array;
        binding.deleteTensor(id);
        return output;
      });
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  read(): Float32Array[] {
    return this.call('variables/read', []);
  }

  write(values: readonly Float32Array[]): void {
    this.call('variables/write', [...values]);
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.model);
    for (const variable of this.program.variables) variable.dispose();
  }

  private dtype(name: TensorSpec['dtype']): number {
    const { TF_FLOAT, TF_INT32, TF_UINT8 } = this.binding;
    return name === 'float32' ? TF_FLOAT : name === 'int32' ? TF_INT32 : TF_UINT8;
  }

  private addCall(
    name: string,
    specs: TensorSpec[],
    { inputs, outputs }: Pick<Traced, 'inputs' | 'outputs'>,
    places?: TensorValues[],
  ): void {
    this.calls.set(name, { specs, feeds: inputs.join(','), fetches: outputs.join(','), places });
  }

  /** The variables' handles, and the two functions that read and write them all. */
  private addVariables(graph: Graph, variables: Variable[]): Map<Variable, string> {
    const { TF_FLOAT } = this.binding;
    const dtype = { dtype: attr.type(TF_FLOAT) };
    const handles = variables.map(({ shape }, i) =>
      graph.add(`variables/v${i}`, 'VarHandleOp', [], {
        ...dtype,
        shape: attr.shape(shape),
        shared_name: attr.string(`v${i}`),
        container: attr.string(''),
      }),
    );
    const reads = handles.map((handle, i) => graph.add(`variables/read${i}`, 'ReadVariableOp', [handle], dtype));
    this.addCall('variables/read', [], { inputs: [], outputs: reads });
    const feeds = variables.map(({ shape }, i) => graph.placeholder(`variables/in${i}`, TF_FLOAT, shape));
    // A variable that took over JavaScript's memory would give it back on one of TensorFlow's threads, where Node must not be called.
    const copies = feeds.map((feed, i) =>
      graph.add(`variables/copy${i}`, 'DeepCopy', [feed], { T: attr.type(TF_FLOAT) }),
    );
    const writes = handles.map((handle, i) =>
      graph.add(`variables/write${i}`, 'AssignVariableOp', [handle, copies[i]], dtype),
    );
    const zero = graph.constant('variables/zero', TF_FLOAT, [], Float32Array.of(0));
    const done = graph.add('variables/done', 'Identity', [zero, ...writes.map((name) => `^${name}`)], {
      T: attr.type(TF_FLOAT),
    });
    this.addCall('variables/write', this.specs, { inputs: feeds, outputs: [done] });
    return new Map(variables.map((variable, i) => [variable, handles[i]]));
  }

  private load(graph: Graph): number {
    chooseThreads(
      graph,
      this.program.variables.reduce((sum, { size }) => sum + size, 0),
    );
    const folder = mkdtempSync(join(tmpdir(), 'onecycle-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), graph.encode());
      return this.binding.loadSavedModel(folder, servingTag);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Gives back the memory of variables whose values the graph now owns: zeros that nobody touches take no pages. */
function release(variables: Variable[]): void {
  tf.tidy(() => variables.forEach((variable) => variable.assign(tf.zeros(variable.shape))));
}

function restore(variables: Variable[], values: readonly Float32Array[]): void {
  tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(values[i], variable.shape))));
}

/** A graph that does not give what its functions gave kernel by kernel must not train. The tolerance is float32's over some hundred kernels. */
function check(name: string, found: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expected.forEach((values, i) => {
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const wrong = values.findIndex((value, k) => Math.abs(value - found[i][k]) > 1e-3 * scale + 1e-6);
    if (wrong >= 0) throw new Error(`traced ${name} gives ${found[i][wrong]} where its kernels give ${values[wrong]}`);
  });
}
