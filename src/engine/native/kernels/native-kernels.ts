import * as tf from '@tensorflow/tfjs';
import type { Kernels } from '../../contract.js';
import { portableKernels } from '../../eager/portable-kernels.js';
import type { NativeBackend } from '../backend.js';
import type { Trace } from '../tracing/trace.js';
import { FusedOps } from './fused-ops.js';

/**
 * `Kernels` by TensorFlow's own fused ops. Changes of variables are written down while a function is traced, as updates
 * in place by TensorFlow's `ResourceApply…` ops or by ours; else they are made kernel by kernel.
 * @param recording tells whether a function is being traced: its trace, else null
 */
export function nativeKernels(recording: { readonly backend: NativeBackend; readonly trace: Trace | null }): Kernels {
  const { backend } = recording;
  const ops = new FusedOps(backend);
  // Asked for the same bits in each run, TensorFlow refuses its op for cards.
  const deterministic = backend.isUsingGpuDevice && ['1', 'true'].includes(process.env.TF_DETERMINISTIC_OPS ?? '');
  return {
    sparseSoftmaxCrossEntropy: (logits, labels) =>
      (deterministic ? portableKernels : ops).sparseSoftmaxCrossEntropy(logits, labels),
    batchNorm: (x, gamma, beta, epsilon) => ops.batchNorm(x, gamma, beta, epsilon),
    statelessUniform: (shape, seed) => ops.statelessUniform(shape, seed),

    assign(variable, value) {
      (recording.trace ?? portableKernels).assign(variable, value);
    },
    applyGradientDescent(variable, gradient, lr) {
      const { trace } = recording;
      if (trace === null) portableKernels.applyGradientDescent(variable, gradient, lr);
      else trace.apply('ResourceApplyGradientDescent', [variable], [lr, gradient]);
    },
    applyMomentum(variable, accumulator, gradient, lr, mom) {
      const { trace } = recording;
      if (trace === null) portableKernels.applyMomentum(variable, accumulator, gradient, lr, mom);
      else trace.apply('ResourceApplyMomentum', [variable, accumulator], [lr, gradient, mom], { use_nesterov: false });
    },
    applyAdam(variable, m, v, gradient, s) {
      const { trace } = recording;
      const scalars = [s.beta1Power, s.beta2Power, s.lr, s.beta1, s.beta2, s.epsilon];
      if (trace === null) portableKernels.applyAdam(variable, m, v, gradient, s);
      else if (backend.isUsingGpuDevice) {
        // Our own op is for the CPU alone, and TensorFlow's has no weight decay.
        if (s.decay !== undefined) trace.assign(variable, tf.mul(variable, s.decay));
        trace.apply('ResourceApplyAdam', [variable, m, v], [...scalars, gradient], { use_nesterov: false });
      } else {
        trace.applyInPlace('OnecycleApplyAdam', [variable, m, v], [gradient, ...scalars, s.decay ?? tf.scalar(1)]);
      }
    },
  };
}
