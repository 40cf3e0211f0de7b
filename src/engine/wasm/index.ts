import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import type { Engine } from '../engine.js';
import { EagerRun } from '../eager-run.js';
import { createLayers } from '../layers/index.js';
import { portableKernels } from '../portable-kernels.js';
import { registerTrainingKernels } from './kernels/index.js';
import { requireKernels } from './missing-kernels.js';

/** The engine on WebAssembly: no install, any platform. */
export async function createWasmEngine(): Promise<Engine> {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(join(folder, '/'));
  await tf.setBackend('wasm');
  await tf.ready();
  registerTrainingKernels();
  return {
    name: 'wasm',
    version: version_wasm,
    device: 'cpu:0',
    tf,
    kernels: portableKernels,
    layers: createLayers(portableKernels),
    build(program) {
      requireKernels(program);
      return new EagerRun(program, 'WebAssembly runs kernel by kernel');
    },
  };
}
