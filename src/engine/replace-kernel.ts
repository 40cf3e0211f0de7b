import * as tf from '@tensorflow/tfjs';

/** Puts `body` in the place of a backend's kernel, which it is handed, to leave to it what it does not do itself. */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  body: (params: Parameters<tf.KernelFunc>[0], original: tf.KernelFunc) => ReturnType<tf.KernelFunc>,
): void {
  const original = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...original, kernelFunc: (params) => body(params, original.kernelFunc) });
}
