import { availableParallelism } from 'node:os';
import type { Graph } from './graph.js';

const setting = 'TF_NUM_INTEROP_THREADS';

/** Elements of parameters and optimizer state: from here on several threads are worth it for the optimizer, whose op takes one. */
const muchToUpdate = 2 ** 22;

/**
 * Lets the thread that calls run the graph's ops one by one, where there are no convolutions. Handing ops to other threads costs a small
 * step half of its time (linear 1-1: 0.075 ms a step against 0.038; MLP 784-256-128-10, batch 64: 0.46 against 0.38), and products of
 * matrices use all threads as it is; convolutions gain from running beside one another (ResNet-18: 82 ms against 99).
 * TensorFlow looks only once a process, when its first graph is loaded: a trainer has but one model.
 */
export function chooseThreads(graph: Graph, elements: number): void {
  const convolves = [...graph.ops()].some((op) => op.includes('Conv'));
  const updatesLong = elements > muchToUpdate && availableParallelism() > 2;
  if (!convolves && !updatesLong) process.env[setting] = '-1';
}
