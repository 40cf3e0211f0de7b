import * as tf from '@tensorflow/tfjs';
import type { TensorSpec, TensorValues } from '../engine.js';

// Node's types leave it out.
declare const WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } };

/** TensorFlow takes values as they lie only from such addresses. */
const alignment = 64;
const pageBytes = 65_536;

const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

const lengthOf = ({ shape }: TensorSpec): number => tf.util.sizeFromShape(shape);
const bytesOf = (spec: TensorSpec): number => Math.ceil((lengthOf(spec) * arrays[spec.dtype].BYTES_PER_ELEMENT) / alignment) * alignment;

/**
 * Memory that a call's inputs are copied into. From elsewhere TensorFlow copies them itself, into pieces of the heap that it takes and gives back
 * at each step; the small results of steps come to lie between these until JavaScript collects them, and meanwhile the heap grows by hundreds of megabytes.
 */
export class InputMemory {
  private readonly buffer: ArrayBuffer;

  /** For calls of any of these inputs, one at a time. */
  constructor(calls: readonly (readonly TensorSpec[])[]) {
    const bytes = Math.max(0, ...calls.map((specs) => specs.reduce((sum, spec) => sum + bytesOf(spec), 0)));
    // It begins at a page, where an ArrayBuffer may begin anywhere.
    this.buffer = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) }).buffer;
  }

  /** Where the inputs of one of the calls go. */
  places(specs: readonly TensorSpec[]): TensorValues[] {
    let start = 0;
    return specs.map((spec) => {
      const place = new arrays[spec.dtype](this.buffer, start, lengthOf(spec));
      start += bytesOf(spec);
      return place;
    });
  }
}
