import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';

type Inputs = Record<string, Tensor>;

/** What TensorFlow.js tells a kernel beside its inputs. */
interface Attributes {
  Conv2DBackpropFilter: tf.Conv2DBackpropFilterAttrs;
  Conv2DBackpropInput: tf.Conv2DBackpropInputAttrs;
  DepthwiseConv2dNativeBackpropFilter: tf.DepthwiseConv2dNativeBackpropFilterAttrs;
  DepthwiseConv2dNativeBackpropInput: tf.DepthwiseConv2dNativeBackpropInputAttrs;
  UnsortedSegmentSum: tf.UnsortedSegmentSumAttrs;
}

/**
 * A kernel of the WebAssembly backend written in TensorFlow.js's operations, for which the backend has kernels.
 * What it makes on the way is given back, and autodiff sees the kernel as one.
 */
export function registerComposed<Name extends keyof Attributes>(
  kernelName: Name,
  compute: (inputs: Inputs, attributes: Attributes[Name]) => Tensor,
): void {
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    // Which attributes a kernel has goes by its name; operations hand their tensors on as they are.
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Inputs, attrs as unknown as Attributes[Name])),
  });
}
