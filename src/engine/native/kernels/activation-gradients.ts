import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import type { NativeBackend } from '../backend.js';
import { OpAttributes } from './op-attributes.js';

/**
 * By activation: TensorFlow's op for its gradient, and that op's inputs in order. `x` and `y` are the activation's own
 * input and output, `dy` is the gradient of `y`.
 */
const gradients: Record<string, { op: string; inputs: ['dy', 'x' | 'y'] | ['y', 'dy'] }> = {
  Relu: { op: 'ReluGrad', inputs: ['dy', 'y'] },
  Relu6: { op: 'Relu6Grad', inputs: ['dy', 'y'] },
  Selu: { op: 'SeluGrad', inputs: ['dy', 'y'] },
  Softplus: { op: 'SoftplusGrad', inputs: ['dy', 'x'] },
  Sigmoid: { op: 'SigmoidGrad', inputs: ['y', 'dy'] },
  Tanh: { op: 'TanhGrad', inputs: ['y', 'dy'] },
};

/** Gradients that TensorFlow has in one op and TensorFlow.js composes of several; registered for every model. */
export function registerActivationGradients(backend: NativeBackend): void {
  const attributes = [new OpAttributes(backend.binding).type('T')];
  for (const [kernelName, { op, inputs }] of Object.entries(gradients)) {
    const byInput = inputs[1] === 'x';
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      kernelName,
      inputsToSave: byInput ? ['x'] : [],
      outputsToSave: [!byInput],
      gradFunc: (dy, [saved]) => {
        // `dy` is one tensor, for these kernels have one output.
        const tensors = inputs.map((input) => (input === 'dy' ? (dy as Tensor) : saved));
        return { x: () => backend.executeSingleOutput(op, attributes, tensors) };
      },
    });
  }
}
