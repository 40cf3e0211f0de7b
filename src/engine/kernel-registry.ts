/**
 * TensorFlow.js's registry of kernels, with the types of those that we write or replace: the one place that casts them.
 */
import * as tf from '@tensorflow/tfjs';
import type { Tensor } from './contract.js';

type Inputs<Name extends string> = Record<Name, Tensor>;

/** By kernel: its inputs by name, and its attributes. TensorFlow.js declares both, but its registry only knows maps. */
interface Signatures {
  AvgPoolGrad: [Inputs<'dy' | 'input'>, tf.AvgPoolGradAttrs];
  BatchMatMul: [Inputs<'a' | 'b'>, tf.BatchMatMulAttrs];
  Conv2D: [Inputs<'x' | 'filter'>, tf.Conv2DAttrs];
  Conv2DBackpropFilter: [Inputs<'x' | 'dy'>, tf.Conv2DBackpropFilterAttrs];
  Conv2DBackpropInput: [Inputs<'dy' | 'filter'>, tf.Conv2DBackpropInputAttrs];
  DepthwiseConv2dNative: [Inputs<'x' | 'filter'>, tf.DepthwiseConv2dNativeAttrs];
  DepthwiseConv2dNativeBackpropFilter: [Inputs<'x' | 'dy'>, tf.DepthwiseConv2dNativeBackpropFilterAttrs];
  DepthwiseConv2dNativeBackpropInput: [Inputs<'dy' | 'filter'>, tf.DepthwiseConv2dNativeBackpropInputAttrs];
  FusedConv2D: [Inputs<'x' | 'filter'> & { bias?: Tensor }, tf.FusedConv2DAttrs];
  FusedDepthwiseConv2D: [Inputs<'x' | 'filter'> & { bias?: Tensor }, tf.FusedDepthwiseConv2DAttrs];
  MaxPoolGrad: [Inputs<'dy' | 'input'>, tf.MaxPoolGradAttrs];
  _FusedMatMul: [Inputs<'a' | 'b'> & { bias?: Tensor }, tf._FusedMatMulAttrs];
  UnsortedSegmentSum: [Inputs<'x' | 'segmentIds'>, tf.UnsortedSegmentSumAttrs];
}

/** A kernel whose types are known here. */
export type KernelName = keyof Signatures;

/** What TensorFlow.js hands to a kernel. */
export interface KernelCall<Name extends KernelName> {
  inputs: Signatures[Name][0];
  attrs: Signatures[Name][1];
  backend: unknown;
}

/** What a kernel returns: the description of a tensor that lies on the backend, or several. */
export type KernelResult = tf.TensorInfo | tf.TensorInfo[];

/** Registers a kernel for a backend. One of that name that was there before is gone. */
export function registerKernel<Name extends KernelName>(
  kernelName: Name,
  backendName: string,
  body: (call: KernelCall<Name>) => KernelResult,
): void {
  if (isRegistered(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc: (call) => body(typed(call)) });
}

/** Puts `body` in the place of a backend's kernel, which it is handed, to leave to it what it does not do itself. */
export function replaceKernel<Name extends KernelName>(
  kernelName: Name,
  backendName: string,
  body: (call: KernelCall<Name>, original: (call: KernelCall<Name>) => KernelResult) => KernelResult,
): void {
  const original = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => body(typed(call), (changed) => original.kernelFunc(untyped(changed))),
  });
}

const isRegistered = (kernelName: string, backendName: string): boolean =>
  tf.getKernelsForBackend(backendName).some((kernel) => kernel.kernelName === kernelName);

type UntypedCall = Parameters<tf.KernelFunc>[0];

// Operations pass on the tensors that they were given, though the registry promises less; a kernel's name says the
// rest.
const typed = <Name extends KernelName>(call: UntypedCall) => call as unknown as KernelCall<Name>;
const untyped = <Name extends KernelName>(call: KernelCall<Name>) => call as unknown as UntypedCall;
