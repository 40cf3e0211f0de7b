import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';

type WasmModule = ConstructorParameters<typeof BackendWasm>[0];

/** What we use of Emscripten's threaded build. */
interface ThreadedModule {
  cwrap: (name: string, returns: 'number' | null, takes: 'number'[]) => (...args: number[]) => unknown;
  PThread: { unusedWorkers: Worker[]; runningWorkers: Worker[] };
}

/** What the build imports from its surroundings. */
interface Imports {
  env: Record<string, unknown>;
}

interface Instantiated {
  instance: unknown;
  module: unknown;
}

// Node's types leave it out.
declare const WebAssembly: { instantiate(bytes: Uint8Array, imports: Imports): Promise<Instantiated> };

/** What Emscripten's factory takes. */
interface Settings {
  mainScriptUrlOrBlob: string;
  locateFile(file: string): string;
  instantiateWasm(imports: Imports, receive: (instance: unknown, module: unknown) => void): object;
}

const require = createRequire(import.meta.url);
const build = require.resolve('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js');

/** The build starts this many workers, whatever it needs, and takes no more. */
const maxThreads = 8;

/**
 * The WebAssembly backend with SIMD and threads, 8 at most. TensorFlow.js itself gives Node one thread (tensorflow/tfjs
 * issue 3830): its loader hands the worker's code over as a blob, which Node's workers do not take; here they get a
 * file. Results do not depend on the number of threads: each output is computed by one of them.
 */
export async function createThreadedBackend(count: number): Promise<BackendWasm> {
  const threads = Math.min(count, maxThreads);
  const module = await withoutNewListeners(() => instantiate(threads));
  const { cwrap, PThread } = module;
  // The names that TensorFlow.js gives these functions, besides those of its kernels.
  const tfjs = {
    init: cwrap('init', null, []),
    initWithThreadsCount: cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: cwrap('get_threads_count', 'number', []),
    registerTensor: cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: cwrap('dispose_data', null, ['number']),
    dispose: cwrap('dispose', null, []),
  };
  setThreadsCount(threads);
  // The package types the module as its own loader returns it, and exports no type of what that does to it.
  const backend = new BackendWasm(Object.assign(module, { tfjs }) as unknown as WasmModule);
  for (const worker of PThread.unusedWorkers.splice(0)) void worker.terminate();
  for (const worker of PThread.runningWorkers) worker.unref(); // an idle thread keeps no process alive
  return backend;
}

function instantiate(threads: number): Promise<ThreadedModule> {
  const factory = require(build) as (settings: Settings) => Promise<ThreadedModule>;
  return new Promise((resolve, reject) => {
    factory({
      mainScriptUrlOrBlob: build,
      locateFile: (file) =>
        file.endsWith('.worker.js')
          ? fileURLToPath(new URL('./thread.js', import.meta.url))
          : join(dirname(build), file),
      instantiateWasm(imports, receive) {
        // It takes half of the cores that it is told of, as if each had two threads.
        imports.env.emscripten_num_logical_cores = () => 2 * threads;
        load(imports).then(({ instance, module }) => receive(instance, module), reject);
        return {};
      },
    }).then(resolve, reject);
  });
}

async function load(imports: Imports): Promise<Instantiated> {
  return WebAssembly.instantiate(await readFile(build.replace(/\.js$/, '.wasm')), imports);
}

/**
 * Runs `load` and takes off the listeners to the process's errors that Emscripten's builds put on: these are not theirs
 * to handle.
 */
export async function withoutNewListeners<T>(load: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await load();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event)) {
        if (!before[i].includes(listener)) process.removeListener(event, listener as () => void);
      }
    });
  }
}
