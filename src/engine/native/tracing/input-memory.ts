import * as tf from '@tensorflow/tfjs';
import { align, allocate, isAligned, like } from '../../../numbers/memory.js';
import type { TensorSpec, TensorValues } from '../../contract.js';

const arrays = { float32: new Float32Array(), int32: new Int32Array(), uint8: new Uint8Array() } as const;

const lengthOf = ({ shape }: TensorSpec): number => tf.util.sizeFromShape(shape);
const bytesOf = (spec: TensorSpec): number => align(lengthOf(spec) * arrays[spec.dtype].BYTES_PER_ELEMENT);

/**
 * Memory for those inputs of a call that TensorFlow does not take where they lie. TensorFlow would copy them itself,
 * into pieces of the heap that it takes and frees at each step. The small results of steps come to lie between these
 * pieces until JavaScript collects them, and meanwhile the heap grows by hundreds of megabytes.
 */
export class InputMemory {
  private readonly buffer: SharedArrayBuffer;

  /** Enough for the largest of the calls; one is made at a time. */
  constructor(calls: readonly (readonly TensorSpec[])[]) {
    this.buffer = allocate(Math.max(0, ...calls.map((specs) => specs.reduce((sum, spec) => sum + bytesOf(spec), 0))));
  }

  /** Where the inputs of one of the calls go: an array for each. */
  places(specs: readonly TensorSpec[]): TensorValues[] {
    let start = 0;
    return specs.map((spec) => {
      const place = like<TensorValues>(arrays[spec.dtype], this.buffer, start, lengthOf(spec));
      start += bytesOf(spec);
      return place;
    });
  }
}

/** Values where TensorFlow takes them: as they lie, or copied to `place`, which has their type and length. */
export function placed(values: TensorValues, place: TensorValues): TensorValues {
  if (isAligned(values)) return values;
  place.set(values);
  return place;
}
