import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../engine.js';

type Inputs = Record<string, Tensor>;

/**
 * A kernel of the WebAssembly backend written in TensorFlow.js's operations, for which the backend has kernels.
 * What it makes on the way is given back, and autodiff sees the kernel as one.
 */
export function registerComposed<Attributes>(kernelName: string, compute: (inputs: Inputs, attributes: Attributes) => Tensor): void {
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    // Which attributes a kernel has goes by its name; operations hand their tensors on as they are.
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Inputs, attrs as Attributes)),
  });
}
