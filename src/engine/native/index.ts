import type { Engine, Program, Run } from '../contract.js';
import { EagerRun } from '../eager/eager-run.js';
import { createLayers } from '../layers/index.js';
import { nativeKernels, registerNativeKernels } from './kernels/index.js';
import { loadNative } from './load.js';
import { compile } from './tracing/compile.js';
import { KernelRecorder } from './tracing/recorder.js';

/**
 * The engine on native TensorFlow.
 * @param options.eager whether programs run kernel by kernel in place of compiled
 * @throws OnecycleError `engine_not_installed` if it is not in the cache or does not load
 */
export function createNativeEngine({ eager = false } = {}): Engine {
  const { tf, backend, version } = loadNative();
  registerNativeKernels(backend);
  const recorder = new KernelRecorder(backend);
  const kernels = nativeKernels(recorder);
  return {
    name: 'tensorflow',
    version,
    device: backend.isUsingGpuDevice ? 'gpu:0' : 'cpu:0',
    tf,
    kernels,
    layers: createLayers(kernels),
    held: () => tf.memory().numTensors + backend.getNumOfTFTensors() + backend.getNumOfSavedModels(),
    build: (program) => (eager ? new EagerRun(program, 'asked for') : compileIfPossible(recorder, program)),
  };
}

/** A compiled run, or an eager one that says why it is not compiled. */
function compileIfPossible(recorder: KernelRecorder, program: Program): Run {
  const initial = program.variables.map((variable) => variable.dataSync<'float32'>());
  try {
    return compile(recorder, program, initial);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const run = new EagerRun(program, `the step could not be compiled: ${why}`);
    run.write(initial); // tracing has changed them
    return run;
  }
}
