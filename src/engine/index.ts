import { OnecycleError } from '../errors.js';
import type { Engine } from './contract.js';

export type {
  Engine,
  Kernels,
  Layer,
  LayersModel,
  Program,
  Run,
  StepFunction,
  SymbolicTensor,
  Tensor,
  TensorFlow,
  TensorSpec,
  TensorValues,
  Variable,
} from './contract.js';

export const engineNames = ['tensorflow', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * Loads an engine into this process; a process has one. Without a name, native TensorFlow where it is installed, else WebAssembly.
 * @throws OnecycleError `engine_not_installed` if it was named and is not there.
 */
export async function loadEngine(name = engineFromEnvironment()): Promise<Engine> {
  if (name === 'wasm') return (await import('./wasm/index.js')).createWasmEngine();
  const { createNativeEngine } = await import('./native/index.js');
  const eager = process.env.ONECYCLE_EAGER === '1';
  if (name === 'tensorflow') return createNativeEngine({ eager });
  try {
    return createNativeEngine({ eager });
  } catch (error) {
    if (error instanceof OnecycleError && error.code === 'engine_not_installed') return loadEngine('wasm');
    throw error;
  }
}

function engineFromEnvironment(): EngineName | undefined {
  const name = process.env.ONECYCLE_ENGINE;
  if (name === undefined || name === '' || name === 'tensorflow' || name === 'wasm')
    return name === '' ? undefined : name;
  throw new OnecycleError('engine_not_installed', `ONECYCLE_ENGINE is ${name}; it can be tensorflow or wasm`);
}
