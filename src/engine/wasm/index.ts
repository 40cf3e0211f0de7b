import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { OnecycleError } from '../../errors.js';
import { type Engine, madeOf } from '../contract.js';
import { EagerRun } from '../eager/eager-run.js';
import { createLayers } from '../layers/index.js';
import { portableKernels } from '../eager/portable-kernels.js';
import { registerWasmKernels } from './kernels/index.js';
import { requireKernels } from './missing-kernels.js';
import { createThreadedBackend, withoutNewListeners } from './threads.js';

/**
 * The engine on WebAssembly with SIMD: no install, any platform.
 * @param options.threads by default one for every second core, as TensorFlow.js has it in browsers: idle threads spin,
 *   so that on 2 cores a second one takes twice the processor time and gains nothing on the presets
 * @throws OnecycleError `engine_not_installed` where the system denies WebAssembly its memory (it reserves gigabytes of
 *   addresses)
 */
export async function createWasmEngine({ threads = Math.floor(availableParallelism() / 2) } = {}): Promise<Engine> {
  try {
    await withoutNewListeners(() => (threads > 1 ? startThreaded(threads) : startPlain()));
  } catch (error) {
    const message = `WebAssembly does not start: ${String(error)}`;
    throw new OnecycleError('engine_not_installed', message, [], { cause: error });
  }
  registerWasmKernels();
  return {
    name: 'wasm',
    version: version_wasm,
    device: 'cpu:0',
    tf,
    kernels: portableKernels,
    layers: createLayers(portableKernels),
    held: () => tf.memory().numTensors,
    build(given) {
      const program = madeOf(given);
      requireKernels(program);
      return new EagerRun(program, 'WebAssembly runs kernel by kernel');
    },
  };
}

async function startThreaded(threads: number): Promise<void> {
  const backend = await createThreadedBackend(threads);
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend);
  await tf.setBackend('wasm');
}

async function startPlain(): Promise<void> {
  setWasmPaths(join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend was not initialized');
}
