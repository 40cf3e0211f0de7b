/** How parameters start. */
import { normal, uniform, type Stream } from '../../numbers/random.js';

/** Fills a parameter's memory, zeros so far, with what it starts as; random numbers come from `stream` alone. */
export type Start = (zeros: Float32Array, stream: Stream) => Float32Array;

/** At 0. */
export const atZero: Start = (zeros) => zeros;

/** At 1. */
export const atOne: Start = (zeros) => zeros.fill(1);

/** Uniform in [-bound, bound). */
export const uniformWithin =
  (bound: number): Start =>
  (zeros, stream) =>
    uniform(zeros, stream, -bound, bound);

/** Normal, of mean 0. */
export const normalOf =
  (deviation: number): Start =>
  (zeros, stream) =>
    normal(zeros, stream, deviation);
