import type { TensorSpec } from '../../contract.js';
import type { Endpoints } from './trace-function.js';

/** A function of a program in its graph. */
export interface CompiledFunction extends Endpoints {
  /** Of each input. */
  specs: readonly TensorSpec[];
}

/** A program as a graph that was checked: all that running it takes, and nothing of the process that traced it. */
export interface CompiledProgram {
  /** The bytes of a `saved_model.pb`. */
  graph: Uint8Array;
  /** Whether the graph has convolutions. */
  convolves: boolean;
  /** How many numbers the variables hold. */
  elements: number;
  functions: Readonly<Record<string, CompiledFunction>>;
  /** Gives the variables' values. */
  read: CompiledFunction;
  /** Takes them. */
  write: CompiledFunction;
}
