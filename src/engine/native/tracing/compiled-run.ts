import type { Run, TensorSpec, TensorValues } from '../../contract.js';
import { type Binding, dataType } from '../backend.js';
import { InputMemory, placed } from './input-memory.js';
import type { CompiledFunction, CompiledProgram } from './compiled-program.js';
import { loadGraph, LoadingGraph } from './load-graph.js';
import type { SessionConfig } from './graph.js';
import { chooseThreads } from './threads.js';

/** One function of a loaded graph, as the addon is called for it: names are joined once, not at every step. */
interface Call {
  specs: readonly TensorSpec[];
  /** The nodes to feed and to fetch, separated by commas. */
  feeds: string;
  fetches: string;
  /** Where inputs are copied to that TensorFlow would else copy; undefined: nowhere. */
  places: readonly TensorValues[] | undefined;
}

const callOf = ({ specs, inputs, outputs }: CompiledFunction, places?: readonly TensorValues[]): Call => ({
  specs,
  feeds: inputs.join(','),
  fetches: outputs.join(','),
  places,
});

/** A graph that is loaded: its number in the addon, the calls of its functions by name, and of its variables. */
export interface LoadedGraph {
  model: number;
  functions: ReadonlyMap<string, Call>;
  /** No inputs; an output for each variable. */
  read: Call;
  /** An input for each variable. */
  write: Call;
}

/**
 * Loads a compiled program's graph into TensorFlow: in a session of its own, its variables without values.
 * @param model the graph's number in the addon, where it is loaded already
 * @throws Error with TensorFlow's words if it does not take the graph
 */
export function load(
  binding: Binding,
  program: CompiledProgram,
  model = loadGraph(binding, program.graph, configOf(program)),
): LoadedGraph {
  const functions = Object.entries(program.functions);
  const memory = new InputMemory(functions.map(([, { specs }]) => specs));
  return {
    model,
    functions: new Map(functions.map(([name, fn]) => [name, callOf(fn, memory.places(fn.specs))])),
    read: callOf(program.read),
    write: callOf(program.write),
  };
}

/** Starts to load a graph on a thread, and to make ready what runs first: its first function, and its variables' writing. */
export function startLoading(binding: Binding, program: CompiledProgram): LoadingGraph {
  const first = [...Object.values(program.functions).slice(0, 1), program.write].map((fn) => callOf(fn));
  return new LoadingGraph(binding, program.graph, configOf(program), first);
}

const configOf = ({ convolves, elements }: CompiledProgram): SessionConfig => chooseThreads(convolves, elements);

/** Has a graph's variables hold no numbers until they are written again: TensorFlow gives them any shape then. */
export function clearVariables(binding: Binding, { model, write }: LoadedGraph): void {
  const specs = write.specs.map((spec) => ({ ...spec, shape: [0] }));
  const none = new Float32Array(0);
  run(
    binding,
    model,
    { ...write, specs },
    specs.map(() => none),
  );
}

function run(
  binding: Binding,
  model: number,
  { specs, feeds, fetches, places }: Call,
  inputs: readonly TensorValues[],
): Float32Array[] {
  const value = (i: number) => (places === undefined ? inputs[i] : placed(inputs[i], places[i]));
  const ids = specs.map(({ shape, dtype }, i) => binding.createTensor(shape, dataType(binding, dtype), value(i)));
  try {
    return binding.runSavedModel(model, ids, feeds, fetches).map(({ id }) => {
      const output = binding.tensorDataSync(id) as Float32Array; // a function's outputs are float32
      binding.deleteTensor(id);
      return output;
    });
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

/** A program as one graph over its variables: a call of any of its functions is one native call. */
export class CompiledRun implements Run {
  readonly mode = { name: 'compiled' } as const;

  /** @param release does away with the graph */
  constructor(
    private readonly binding: Binding,
    private readonly graph: LoadedGraph,
    private readonly release: () => void,
  ) {}

  call(name: string, inputs: TensorValues[]): Float32Array[] {
    const call = this.graph.functions.get(name);
    if (call === undefined) throw new Error(`the program has no function ${name}`);
    return this.run(call, inputs);
  }

  read(): Float32Array[] {
    return this.run(this.graph.read, []);
  }

  write(values: readonly Float32Array[]): void {
    this.run(this.graph.write, values);
  }

  dispose(): void {
    this.release();
  }

  private run(call: Call, inputs: readonly TensorValues[]): Float32Array[] {
    return run(this.binding, this.graph.model, call, inputs);
  }
}
