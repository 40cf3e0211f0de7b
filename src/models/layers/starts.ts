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

/** Normal, with what lies beyond two deviations taken modulo two: fastai's `trunc_normal_`. */
export const truncatedNormal =
  (deviation: number): Start =>
  (zeros, stream) =>
    normal(zeros, stream).map((value) => (value % 2) * deviation);

/** At a number. */
export const atValue =
  (value: number): Start =>
  (zeros) =>
    zeros.fill(value);
