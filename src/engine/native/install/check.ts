/** Run as a process of its own, with the path of an addon: computes with it and prints what came out (see verify.ts). */
import { loadNative } from '../load.js';

export interface Computed {
  version: string;
  gpu: boolean;
  /** The product of [[1, 2], [3, 4]] and [[5, 6], [7, 8]], row by row. */
  product: number[];
}

const { tf, backend, version } = loadNative(process.argv[2]);
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
const computed: Computed = { version, gpu: backend.isUsingGpuDevice, product: [...product] };
console.log(JSON.stringify(computed));
