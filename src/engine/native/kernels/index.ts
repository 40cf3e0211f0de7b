import type { NativeBackend } from '../backend.js';
import { registerActivationGradients } from './activation-gradients.js';
import { registerFusedMatMul, registerMatMul } from './mat-mul.js';
import { registerMeanGradient } from './mean-gradient.js';
import { registerSmallMaps } from './small-maps.js';

export { nativeKernels } from './native-kernels.js';

/**
 * Gives the native backend faster kernels and gradients in place of some of TensorFlow.js's. Once a process, before it
 * computes.
 */
export function registerNativeKernels(backend: NativeBackend): void {
  registerActivationGradients(backend);
  registerMatMul(backend);
  registerFusedMatMul(backend);
  registerMeanGradient(backend);
  registerSmallMaps(backend);
}
