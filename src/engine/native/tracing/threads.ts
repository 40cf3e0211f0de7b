import { threadCount } from '../../../config.js';
import type { SessionConfig } from './graph.js';

/**
 * From so many elements of parameters and optimizer state on, several threads are worth it for the optimizer, whose op
 * takes one.
 */
const manyElements = 2 ** 22;

/**
 * Lets the calling thread run the graph's ops one by one, where there are no convolutions. Handing ops to other threads
 * costs a small step half of its time (linear 1-1: 0.075 ms a step against 0.038; MLP 784-256-128-10, batch 64: 0.46
 * against 0.38), and products of matrices use all threads as it is; convolutions gain from running beside one another
 * (ResNet-18: 82 ms against 99), if the process has more than one. It is the session's own: a process runs models of both kinds, one after another.
 * @param convolves whether the graph has convolutions
 * @param elements how many numbers the program's variables hold
 */
export function chooseThreads(convolves: boolean, elements: number): SessionConfig {
  const updatesLong = elements > manyElements && threadCount() > 2;
  return threadCount() > 1 && (convolves || updatesLong) ? {} : { interOpParallelismThreads: -1 };
}
