/** The engines under test, and the reference. */
import * as tf from '@tensorflow/tfjs';
import { madeOf } from '../../../src/engine/contract.js';
import { EagerRun } from '../../../src/engine/eager/eager-run.js';
import type { Engine } from '../../../src/engine/index.js';
import { createLayers } from '../../../src/engine/layers/index.js';
import { portableKernels } from '../../../src/engine/eager/portable-kernels.js';
import { registerAvgPoolGrad } from '../../../src/engine/wasm/kernels/avg-pool-grad.js';

/** By name: loads the engine into this process, which must have no other. */
export const engines = {
  tensorflow: async () => (await import('../../../src/engine/native/index.js')).createNativeEngine(),
  'tensorflow, eager': async () =>
    (await import('../../../src/engine/native/index.js')).createNativeEngine({ eager: true }),
  wasm: async () => (await import('../../../src/engine/wasm/index.js')).createWasmEngine(),
  javascript: createReferenceEngine,
} satisfies Record<string, () => Promise<Engine>>;

/** An engine's name in these tests. */
export type EngineUnderTest = keyof typeof engines;

/**
 * TensorFlow.js's own backend in plain JavaScript, kernel by kernel: slow, and written by nobody who wrote the others.
 */
async function createReferenceEngine(): Promise<Engine> {
  await tf.setBackend('cpu');
  // Its own is wrong at the border, as WebAssembly's is; TensorFlow and finite differences say what is right.
  registerAvgPoolGrad('cpu');
  return {
    name: 'wasm', // it is neither of the engines that have names
    version: tf.version_core,
    device: 'cpu:0',
    tf,
    kernels: portableKernels,
    layers: createLayers(portableKernels),
    build: (program) => new EagerRun(madeOf(program), 'the reference'),
    held: () => tf.memory().numTensors,
  };
}
