import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs';
import { OnecycleError } from '../../errors.js';
import type { Binding, NativeBackend } from './backend.js';
import { addonPackage, nativeEngine } from './install/installed.js';

type TensorFlowJs = typeof TensorFlow;

/** Native TensorFlow in this process. */
export interface NativeTensorFlow {
  /** TensorFlow.js, with `backend` as its backend. */
  tf: TensorFlowJs;
  backend: NativeBackend;
  /** TensorFlow's own version, as its library says. */
  version: string;
  /** The path of the addon. */
  addon: string;
}

const require = createRequire(import.meta.url);

/**
 * Loads native TensorFlow into this process and makes it the backend of TensorFlow.js.
 * `@tensorflow/tfjs-node-gpu` itself is not imported: its index insists on an addon inside its own folder.
 * @param addon the path of the compiled addon; by default that of the engine in the cache
 * @throws OnecycleError `engine_not_installed` if there is no engine in the cache, or if it does not load
 */
export function loadNative(addon = nativeEngine()?.addon): NativeTensorFlow {
  if (addon === undefined) {
    throw new OnecycleError(
      'engine_not_installed',
      'The native engine is not installed. Install it: npx onecycle engine install',
    );
  }
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'; // else the first process takes the whole card
  process.env.NVIDIA_TF32_OVERRIDE ??= '0'; // else products on a card round to 10 bits, and losses part from fastai's
  // TensorFlow leaves oneDNN out on x86 processors without AVX-512's or later instructions for networks; a CNN is twice as
  // fast with it there too.
  if (process.arch === 'x64') process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  restoreUtil();

  const tf = require('@tensorflow/tfjs') as TensorFlowJs;
  const { NodeJSKernelBackend: Backend } = require(join(addonPackage().folder, 'kernels.js')) as {
    NodeJSKernelBackend: new (binding: Binding, packageName: string) => NativeBackend;
  }; // and its kernels are registered
  const binding = loadAddon(addon);
  const backend = new Backend(binding, '@tensorflow/tfjs-node-gpu');
  tf.registerBackend('tensorflow', () => backend, 3);
  void tf.setBackend('tensorflow'); // takes effect at once where the factory is not asynchronous
  if (tf.backend() !== backend) {
    throw new OnecycleError('engine_not_installed', 'TensorFlow.js did not take the native backend');
  }
  return { tf, backend, version: binding.TF_Version, addon };
}

function loadAddon(addon: string): Binding {
  try {
    return require(addon) as Binding;
  } catch (error) {
    throw new OnecycleError(
      'engine_not_installed',
      `The native engine does not load. Install it again: npx onecycle engine install\n${String(error)}`,
      [],
      { cause: error },
    );
  }
}

/**
 * Puts back into `util` what Node 23 took out and tfjs-node 4.22 still calls (tensorflow/tfjs issue 8609); before, it
 * only warned.
 */
function restoreUtil(): void {
  Object.assign(require('node:util') as object, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value: unknown) => typeof value === 'string',
  });
}
