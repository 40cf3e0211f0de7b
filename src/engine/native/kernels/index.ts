import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import * as tf from '@tensorflow/tfjs';
import type { Kernels, Tensor } from '../../contract.js';
import { portableKernels } from '../../eager/portable-kernels.js';
import type { Tracer } from '../tracing/tracer.js';

/** `Kernels` by TensorFlow's own fused ops. In a traced step the optimizer's updates are done in place, by its `ResourceApply…` ops or ours. */
export function nativeKernels(backend: NodeJSKernelBackend, tracer: Tracer): Kernels {
  const ops = new FusedOps(backend);
  return {
    sparseSoftmaxCrossEntropy: (logits, labels) => ops.crossEntropy(logits, labels),
    batchNorm: (x, gamma, beta, epsilon) => ops.batchNorm(x, gamma, beta, epsilon),
    statelessUniform: (shape, seed) => ops.uniform(shape, seed),

    assign(variable, value) {
      if (tracer.active) tracer.assign(variable, value);
      else portableKernels.assign(variable, value);
    },
    applyGradientDescent(variable, gradient, lr) {
      if (tracer.active) tracer.apply('ResourceApplyGradientDescent', [variable], [lr, gradient]);
      else portableKernels.applyGradientDescent(variable, gradient, lr);
    },
    applyMomentum(variable, accumulator, gradient, lr, mom) {
      if (tracer.active)
        tracer.apply('ResourceApplyMomentum', [variable, accumulator], [lr, gradient, mom], { use_nesterov: false });
      else portableKernels.applyMomentum(variable, accumulator, gradient, lr, mom);
    },
    applyAdam(variable, m, v, gradient, s) {
      const scalars = [s.beta1Power, s.beta2Power, s.lr, s.beta1, s.beta2, s.epsilon];
      if (!tracer.active) portableKernels.applyAdam(variable, m, v, gradient, s);
      else if (!backend.isUsingGpuDevice)
        tracer.applyInPlace('OnecycleApplyAdam', [variable, m, v], [gradient, ...scalars, s.decay ?? tf.scalar(1)]);
      else {
        if (s.decay !== undefined) tracer.assign(variable, tf.mul(variable, s.decay));
        tracer.apply('ResourceApplyAdam', [variable, m, v], [...scalars, gradient], { use_nesterov: false });
      }
    },
  };
}

class FusedOps {
  constructor(private readonly backend: NodeJSKernelBackend) {}

  private type(name: string, dtype: 'float32' | 'int32' = 'float32'): TFEOpAttr {
    const { binding } = this.backend;
    return { name, type: binding.TF_ATTR_TYPE, value: dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT };
  }

  crossEntropy(logits: Tensor, labels: Tensor): Tensor {
    const attributes = [this.type('T'), this.type('Tlabels', 'int32')];
    const loss = tf.customGrad((x, save) => {
      const inputs = [x as Tensor, labels];
      const [value, gradient] = this.backend.executeMultipleOutputs(
        'SparseSoftmaxCrossEntropyWithLogits',
        attributes,
        inputs,
        2,
      );
      (save as (tensors: Tensor[]) => void)([gradient]);
      return { value: value, gradFunc: (dy: Tensor, [saved]: Tensor[]) => tf.mul(saved, tf.expandDims(dy, -1)) };
    });
    return loss(logits);
  }

  batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): { y: Tensor; mean: Tensor; variance: Tensor } {
    const { binding } = this.backend;
    const common: TFEOpAttr[] = [
      this.type('T'),
      this.type('U'),
      { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
      { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
      { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
    ];
    const forward = [...common, { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 1 }];
    let statistics: Tensor[] = [];
    const normalize = tf.customGrad((...args) => {
      const [input, scale, offset, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
      const unused = tf.tensor1d([]);
      const outputs = this.backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        forward,
        [input, scale, offset, unused, unused],
        6,
      );
      const [y, mean, variance, ...reserved] = outputs as [Tensor, Tensor, Tensor, ...Tensor[]];
      statistics = [tf.keep(mean), tf.keep(variance)]; // else they end with this function
      save([input, scale, ...reserved]);
      const gradFunc = (dy: Tensor, saved: Tensor[]) =>
        this.backend.executeMultipleOutputs('FusedBatchNormGradV3', common, [dy, ...saved], 5).slice(0, 3);
      return { value: y, gradFunc };
    });
    const y = normalize(x, gamma, beta);
    const [mean, variance] = statistics.map((tensor) => handOver(tensor));
    return { y, mean: mean, variance: variance };
  }

  uniform(shape: number[], seed: Tensor): Tensor {
    const attributes = [this.type('dtype'), this.type('T', 'int32'), this.type('Tseed', 'int32')];
    return this.backend.executeSingleOutput('StatelessRandomUniform', attributes, [tf.tensor1d(shape, 'int32'), seed]);
  }
}

/** A kept tensor, given to the scope that is open now. */
function handOver(kept: Tensor): Tensor {
  const tensor = tf.clone(kept);
  kept.dispose();
  return tensor;
}

/** TensorFlow's op for an activation's gradient, and its inputs: `dy` and the activation's own input `x` or output `y`, in the op's order. */
const activationGradients: Record<string, { op: string; inputs: ['dy', 'x' | 'y'] | ['y', 'dy'] }> = {
  Relu: { op: 'ReluGrad', inputs: ['dy', 'y'] },
  Relu6: { op: 'Relu6Grad', inputs: ['dy', 'y'] },
  Selu: { op: 'SeluGrad', inputs: ['dy', 'y'] },
  Softplus: { op: 'SoftplusGrad', inputs: ['dy', 'x'] },
  Sigmoid: { op: 'SigmoidGrad', inputs: ['y', 'dy'] },
  Tanh: { op: 'TanhGrad', inputs: ['y', 'dy'] },
};

/** Gradients that TensorFlow has in one op and TensorFlow.js composes: registered, so that any model gains. */
export function registerNativeGradients(backend: NodeJSKernelBackend): void {
  const { binding } = backend;
  const T: TFEOpAttr = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  for (const [kernelName, { op, inputs }] of Object.entries(activationGradients)) {
    const byInput = inputs[1] === 'x';
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      kernelName,
      inputsToSave: byInput ? ['x'] : [],
      outputsToSave: [!byInput],
      gradFunc: (dy, [saved]) => ({
        x: () =>
          backend.executeSingleOutput(
            op,
            [T],
            inputs.map((input) => (input === 'dy' ? (dy as Tensor) : saved)),
          ),
      }),
    });
  }
}
