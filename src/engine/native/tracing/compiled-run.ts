import type { Program, Run, TensorSpec, TensorValues } from '../../contract.js';
import { type Binding, dataType } from '../backend.js';
import { placed } from './input-memory.js';
import type { Endpoints } from './trace-function.js';

/** One function of a loaded graph, as the addon is called for it: names are joined once, not at every step. */
export interface Call {
  specs: readonly TensorSpec[];
  /** The nodes to feed and to fetch, separated by commas. */
  feeds: string;
  fetches: string;
  /** Where inputs are copied to that TensorFlow would else copy; undefined: nowhere. */
  places: readonly TensorValues[] | undefined;
}

/** Describes a call of a function: its inputs, its nodes, and where its inputs go. */
export const callOf = (
  specs: readonly TensorSpec[],
  { inputs, outputs }: Endpoints,
  places?: readonly TensorValues[],
): Call => ({ specs, feeds: inputs.join(','), fetches: outputs.join(','), places });

/** A graph that is loaded: its number in the addon, the calls of its functions by name, and of its variables. */
export interface LoadedGraph {
  model: number;
  functions: ReadonlyMap<string, Call>;
  /** No inputs; an output for each variable. */
  read: Call;
  /** An input for each variable. */
  write: Call;
}

/** A program as one graph over its variables: a call of any of its functions is one native call. */
export class CompiledRun implements Run {
  readonly mode = { name: 'compiled' } as const;

  constructor(
    private readonly binding: Binding,
    private readonly program: Program,
    private readonly graph: LoadedGraph,
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
    this.binding.deleteSavedModel(this.graph.model);
    for (const variable of this.program.variables) variable.dispose();
  }

  private run({ specs, feeds, fetches, places }: Call, inputs: readonly TensorValues[]): Float32Array[] {
    const { binding } = this;
    const value = (i: number) => (places === undefined ? inputs[i] : placed(inputs[i], places[i]));
    const ids = specs.map(({ shape, dtype }, i) => binding.createTensor(shape, dataType(binding, dtype), value(i)));
    try {
      return binding.runSavedModel(this.graph.model, ids, feeds, fetches).map(({ id }) => {
        const output = binding.tensorDataSync(id) as Float32Array; // a function's outputs are float32
        binding.deleteTensor(id);
        return output;
      });
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }
}
