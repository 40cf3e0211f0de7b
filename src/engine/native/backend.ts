/** TensorFlow.js's native backend and the addon behind it: the one place that reaches for what their types hide. */
import type { NodeJSKernelBackend } from '../../../vendor/tfjs-node-gpu/nodejs_kernel_backend.js';
import type { TensorMetadata, TFEOpAttr, TFJSBinding } from '../../../vendor/tfjs-node-gpu/tfjs_binding.js';
import type { Engine, Tensor, TensorSpec } from '../contract.js';

/** TensorFlow.js's backend on native TensorFlow. Its kernels call the addon through its `binding`. */
export type NativeBackend = NodeJSKernelBackend & { binding: Binding };
/** The addon's functions, and TensorFlow's numbers for data types and kinds of attributes. */
export type Binding = TFJSBinding & OwnFunctions;

/** What we add to the addon (addon/preload.cc). */
interface OwnFunctions {
  /**
   * Starts to load a graph on a thread; `loadSavedModel` of the same folder is to come next, or `dropPreloadedModel`.
   * @param functions those that are made ready to run, a line each: names of what is fed, `>`, names of what is fetched
   */
  preloadSavedModel(folder: string, tags: string, functions: string): void;
  /** Forgets the graph that was being loaded, if there is one. */
  dropPreloadedModel(): void;
}

/** An op's attribute as the addon takes it. */
export type OpAttribute = TFEOpAttr;
/** A tensor that the addon made: its id, shape and TensorFlow's number for its data type. */
export type OpResult = TensorMetadata;

/** TensorFlow's number for a data type. */
export function dataType({ TF_FLOAT, TF_INT32, TF_UINT8 }: Binding, name: TensorSpec['dtype']): number {
  return name === 'float32' ? TF_FLOAT : name === 'int32' ? TF_INT32 : TF_UINT8;
}

/** The addon's id of a tensor. Asking for it also uploads values that were still in JavaScript. */
export function tensorId(backend: NativeBackend, tensor: Tensor): number {
  // Declared private, but there is no other way to a tensor's id.
  const open = backend as unknown as { getInputTensorIds(tensors: Tensor[]): number[] };
  return open.getInputTensorIds([tensor])[0];
}

/**
 * The binding with some functions in place of its own. Its properties are read-only, hence an object that inherits
 * them.
 */
export const overrideBinding = (binding: Binding, functions: Partial<Binding>): Binding =>
  Object.create(binding, Object.getOwnPropertyDescriptors(functions)) as Binding;

/** How many tensors the addon of the native engine holds in this process: for measurements. */
export const addonTensorCount = ({ tf }: Engine): number => (tf.backend() as NativeBackend).getNumOfTFTensors();
