import { join } from 'node:path';
import { cacheFolder, graphCacheBytes } from '../../config.js';
import type { JsonObject } from '../../schema/json.js';
import { type Engine, madeOf, type Program, type Run } from '../contract.js';
import { EagerRun } from '../eager/eager-run.js';
import { createLayers } from '../layers/index.js';
import { engineBuild } from './graphs/graph-key.js';
import { GraphStore } from './graphs/graph-store.js';
import { KeptGraphs, type Store } from './graphs/kept-graphs.js';
import { nativeKernels, registerNativeKernels } from './kernels/index.js';
import { loadNative, type NativeTensorFlow } from './load.js';
import { compile, type Compiled } from './tracing/compile.js';
import { CompiledRun } from './tracing/compiled-run.js';
import { KernelRecorder } from './tracing/recorder.js';

interface NativeOptions {
  eager?: boolean;
  graphs?: Store | null;
}

/**
 * The engine on native TensorFlow.
 * @param options.eager whether programs run kernel by kernel in place of compiled
 * @param options.graphs where compiled programs are kept; by default in the cache folder, as the configuration says
 * @throws OnecycleError `engine_not_installed` if it is not in the cache or does not load
 */
export function createNativeEngine({ eager = false, graphs = graphStore() }: NativeOptions = {}): Engine {
  const native = loadNative();
  const { tf, backend, version } = native;
  registerNativeKernels(backend);
  const recorder = new KernelRecorder(backend);
  const kernels = nativeKernels(recorder);
  const kept = eager ? null : keptGraphs(native, graphs);
  const heldGraphs = () => backend.getNumOfSavedModels() - (kept?.spareCount ?? 0);
  const device = backend.isUsingGpuDevice ? 'gpu:0' : 'cpu:0';
  return {
    name: 'tensorflow',
    version,
    device,
    tf,
    kernels,
    layers: createLayers(kernels),
    held: () => tf.memory().numTensors + backend.getNumOfTFTensors() + heldGraphs(),
    ...(kept !== null && device.startsWith('cpu') && { expect: (what: JsonObject) => kept.expect(what) }),
    build(program) {
      if (eager) return new EagerRun(madeOf(program), 'asked for');
      if (kept !== null && 'make' in program) return kept.run(program, (made) => compileIfPossible(recorder, made));
      return compiledRun(recorder, madeOf(program));
    },
  };
}

/** Where the configuration has compiled programs kept; null: nowhere. */
function graphStore(): GraphStore | null {
  const maxBytes = graphCacheBytes();
  return maxBytes === 0 ? null : new GraphStore(join(cacheFolder(), 'graphs'), maxBytes);
}

function keptGraphs(native: NativeTensorFlow, store: Store | null): KeptGraphs | null {
  const build = engineBuild(native);
  return store === null || build === null ? null : new KeptGraphs(native.backend.binding, build, store);
}

/** A run of a program that nothing is kept of. */
function compiledRun(recorder: KernelRecorder, program: Program): Run {
  const initial = valuesOf(program);
  const compiled = compileIfPossible(recorder, program);
  if (!('loaded' in compiled)) return compiled;
  const { binding } = recorder.backend;
  const { loaded } = compiled;
  const run = new CompiledRun(binding, loaded, () => binding.deleteSavedModel(loaded.model));
  run.write(initial);
  return run;
}

/** A compiled program, or an eager run that says why it is not compiled. */
function compileIfPossible(recorder: KernelRecorder, program: Program): Compiled | Run {
  const initial = valuesOf(program);
  try {
    return compile(recorder, program, initial);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const run = new EagerRun(program, `the step could not be compiled: ${why}`);
    run.write(initial); // tracing has changed them
    return run;
  }
}

const valuesOf = ({ variables }: Program): Float32Array[] =>
  variables.map((variable) => variable.dataSync<'float32'>());
