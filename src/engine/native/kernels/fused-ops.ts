import * as tf from '@tensorflow/tfjs';
import type { Kernels, Tensor } from '../../contract.js';
import type { NativeBackend } from '../backend.js';
import { OpAttributes } from './op-attributes.js';

/** The parts of `Kernels` that TensorFlow has as one op each, with their gradients. */
export class FusedOps implements Pick<Kernels, 'sparseSoftmaxCrossEntropy' | 'batchNorm' | 'statelessUniform'> {
  private readonly attributes: OpAttributes;

  constructor(private readonly backend: NativeBackend) {
    this.attributes = new OpAttributes(backend.binding);
  }

  sparseSoftmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
    const op = 'SparseSoftmaxCrossEntropyWithLogits';
    const attributes = [this.attributes.type('T'), this.attributes.type('Tlabels', 'int32')];
    return differentiable([logits], () => {
      const [value, gradient] = this.backend.executeMultipleOutputs(op, attributes, [logits, labels], 2);
      return { value, saved: [gradient], backward: (dy, [saved]) => tf.mul(saved, tf.expandDims(dy, -1)) };
    });
  }

  batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): ReturnType<Kernels['batchNorm']> {
    const { attributes, backend } = this;
    const common = [
      attributes.type('T'),
      attributes.type('U'),
      attributes.float('epsilon', epsilon),
      attributes.string('data_format', 'NHWC'),
      attributes.bool('is_training', true),
    ];
    const forward = [...common, attributes.float('exponential_avg_factor', 1)];
    let statistics: Tensor[] = [];
    const y = differentiable([x, gamma, beta], () => {
      const unused = tf.tensor1d([]);
      const inputs = [x, gamma, beta, unused, unused];
      const [value, mean, variance, ...reserved] = backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        forward,
        inputs,
        6,
      );
      statistics = [tf.keep(mean), tf.keep(variance)]; // else they end with this function
      return {
        value,
        saved: [x, gamma, ...reserved],
        backward: (dy, saved) =>
          backend.executeMultipleOutputs('FusedBatchNormGradV3', common, [dy, ...saved], 5).slice(0, 3),
      };
    });
    const [mean, variance] = statistics.map(handOver);
    return { y, mean, variance };
  }

  statelessUniform(shape: number[], seed: Tensor): Tensor {
    const { attributes } = this;
    const types = [attributes.type('dtype'), attributes.type('T', 'int32'), attributes.type('Tseed', 'int32')];
    return this.backend.executeSingleOutput('StatelessRandomUniform', types, [tf.tensor1d(shape, 'int32'), seed]);
  }
}

interface Forward {
  value: Tensor;
  /** Tensors that the gradient needs. */
  saved: Tensor[];
  /** From the gradient of `value` and what was saved: the gradients of the inputs, in their order. */
  backward: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
}

/**
 * `tf.customGrad` with its types: TensorFlow.js passes, after the inputs, a function that saves tensors for the
 * gradient.
 */
function differentiable(inputs: Tensor[], forward: () => Forward): Tensor {
  return tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved, backward } = forward();
    save(saved);
    return { value, gradFunc: backward };
  })(...inputs);
}

/** Gives a kept tensor to the scope that is open now, which frees it. */
function handOver(kept: Tensor): Tensor {
  const tensor = tf.clone(kept);
  kept.dispose();
  return tensor;
}
