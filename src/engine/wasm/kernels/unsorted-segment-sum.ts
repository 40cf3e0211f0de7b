import * as tf from '@tensorflow/tfjs';
import { registerComposed } from './composed.js';

/**
 * Adds up the rows that have the same id, as the gradient of an embedding does. Rows with a negative id are left out.
 */
export function registerUnsortedSegmentSum(): void {
  registerComposed('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }) => {
    const row = x.shape.slice(segmentIds.rank);
    const rows = tf.reshape(x, [segmentIds.size, ...row]);
    const ids = tf.reshape<tf.Rank.R2>(segmentIds, [segmentIds.size, 1]);
    // Negative ones go to a row of their own, which is then left out.
    const kept = tf.where(tf.less(ids, tf.scalar(0, 'int32')), tf.fill(ids.shape, numSegments, 'int32'), ids);
    const sums = tf.scatterND(kept, rows, [numSegments + 1, ...row]);
    return tf.slice(sums, 0, numSegments);
  });
}
