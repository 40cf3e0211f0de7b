/** Run as its own process, with the path of an addon: computes with it and prints what came out (see verify.ts). */
import { loadNative } from '../load.js';

/** What the addon computed, to see whether it does so rightly. */
export interface Computed {
  version: string;
  gpu: boolean;
  /** The product of [[1, 2], [3, 4]] and [[5, 6], [7, 8]], row by row. */
  product: number[];
  /**
   * What one step of Adam by our own op makes of 4, with a gradient of 3 and a decay by half; null on a card, which has
   * no such op.
   */
  adam: number | null;
  /** The last two values that our batch norm with ReLU makes of many twos and fours, on several threads; null likewise. */
  batchNorm: number[] | null;
}

const { tf, backend, version } = loadNative(process.argv[2]);
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
const computed: Computed = {
  version,
  gpu: backend.isUsingGpuDevice,
  product: [...product],
  adam: backend.isUsingGpuDevice ? null : adam(),
  batchNorm: backend.isUsingGpuDevice ? null : batchNorm(),
};
console.log(JSON.stringify(computed));

function adam(): number {
  const { binding } = backend;
  const part = [
    { name: 'start', type: binding.TF_ATTR_INT, value: 0 },
    { name: 'end', type: binding.TF_ATTR_INT, value: 1 },
  ];
  // The sums lie in TensorFlow's memory, not JavaScript's.
  const [variable, m, v] = [4, 0, 0].map((value) => tf.add(tf.tensor1d([value]), 0));
  const scalars = [0.9, 0.99, 1, 0.9, 0.99, 0, 0.5].map((value) => tf.scalar(value));
  backend.executeMultipleOutputs('OnecycleApplyAdam', part, [variable, m, v, tf.tensor1d([3]), ...scalars], 0);
  return variable.dataSync()[0];
}

function batchNorm(): number[] {
  const x = tf.tile(tf.tensor2d([2, 4], [2, 1]), [2 ** 16, 1]);
  const [y] = backend.executeMultipleOutputs('OnecycleBatchNormRelu', [], [x, tf.tensor1d([3]), tf.tensor1d([1])], 4);
  return [...tf.slice(y, [2 ** 17 - 2, 0]).dataSync()];
}
