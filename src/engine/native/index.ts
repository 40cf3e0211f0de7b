import type { Engine, Program, Run } from '../contract.js';
import { EagerRun } from '../eager/eager-run.js';
import { createLayers } from '../layers/index.js';
import { CompiledRun } from './tracing/compiled-run.js';
import { nativeKernels, registerNativeGradients } from './kernels/index.js';
import { loadNative } from './load.js';
import { registerMatMul } from './kernels/mat-mul.js';
import { registerSmallMaps } from './kernels/small-maps.js';
import { Tracer } from './tracing/tracer.js';

/** The engine on native TensorFlow. @throws OnecycleError `engine_not_installed` */
export function createNativeEngine({ eager = false } = {}): Engine {
  const { tf, backend, version } = loadNative();
  registerNativeGradients(backend);
  registerMatMul(backend);
  registerSmallMaps(backend);
  const tracer = new Tracer(backend);
  const kernels = nativeKernels(backend, tracer);
  return {
    name: 'tensorflow',
    version,
    device: backend.isUsingGpuDevice ? 'gpu:0' : 'cpu:0',
    tf,
    kernels,
    layers: createLayers(kernels),
    build: (program) => (eager ? new EagerRun(program, 'asked for') : compile(program)),
  };

  function compile(program: Program): Run {
    const initial = program.variables.map((variable) => variable.dataSync<'float32'>());
    try {
      return new CompiledRun(backend, tracer, program, initial);
    } catch (error) {
      const run = new EagerRun(
        program,
        `the step could not be compiled: ${error instanceof Error ? error.message : String(error)}`,
      );
      run.write(initial); // tracing has moved them
      return run;
    }
  }
}
