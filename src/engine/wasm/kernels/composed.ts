import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { type KernelCall, type KernelName, registerKernel } from '../../kernel-registry.js';

/**
 * Registers a kernel of the WebAssembly backend that is written in TensorFlow.js's operations, for which the backend
 * has kernels. The tensors that it makes on the way are freed, and autodiff sees it as one operation.
 */
export function registerComposed<Name extends KernelName>(
  kernelName: Name,
  compute: (inputs: KernelCall<Name>['inputs'], attributes: KernelCall<Name>['attrs']) => Tensor,
): void {
  registerKernel(kernelName, 'wasm', ({ inputs, attrs }) => tf.tidy(() => compute(inputs, attrs)));
}
