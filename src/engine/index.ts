import { OnecycleError } from '../errors.js';
import type { Engine, EngineName } from './contract.js';

export type {
  Engine,
  EngineName,
  Kernels,
  Layer,
  LayersModel,
  Program,
  ProgramOutline,
  Run,
  StepFunction,
  SymbolicTensor,
  Tensor,
  TensorFlow,
  TensorSpec,
  TensorValues,
  Variable,
} from './contract.js';
export { processor, switches } from './machine.js';

/** Which engine to load, and how it runs. */
export interface EngineOptions {
  /** Left out: native TensorFlow where it is installed, else WebAssembly. */
  name?: EngineName | undefined;
  /**
   * Whether the native engine runs programs kernel by kernel in place of compiling them: slow, to look into a doubt.
   */
  eager?: boolean;
}

/**
 * Loads an engine into this process; a process has one.
 * @throws OnecycleError `engine_not_installed` if the one that was named is not there, or if WebAssembly does not
 *   start.
 */
export async function loadEngine({ name, eager = false }: EngineOptions = {}): Promise<Engine> {
  if (name === 'wasm') return loadWasm();
  const { createNativeEngine } = await import('./native/index.js');
  try {
    return createNativeEngine({ eager });
  } catch (error) {
    const missing = error instanceof OnecycleError && error.code === 'engine_not_installed';
    if (missing && name === undefined) return loadWasm();
    throw error;
  }
}

const loadWasm = async (): Promise<Engine> => (await import('./wasm/index.js')).createWasmEngine();
