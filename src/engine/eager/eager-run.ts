import * as tf from '@tensorflow/tfjs';
import type { Program, Run, Tensor, TensorSpec, TensorValues } from '../contract.js';

/** Runs a program kernel by kernel: the path for an engine that cannot compile, and the reference in tests. */
export class EagerRun implements Run {
  readonly mode: Run['mode'];

  constructor(
    private readonly program: Program,
    reason: string,
  ) {
    this.mode = { name: 'eager', reason };
  }

  call(name: string, inputs: TensorValues[]): Float32Array[] {
    const { inputs: specs, body } = this.program.functions[name];
    let values: Float32Array[] = [];
    // Not returned by `tidy`, which would look for tensors in them, number by number.
    tf.tidy(() => {
      const outputs = body(specs.map((spec, i) => toTensor(inputs[i], spec)));
      values = outputs.map((output) => new Float32Array(output.dataSync()));
    });
    return values;
  }

  read(): Float32Array[] {
    return this.program.variables.map((variable) => new Float32Array(variable.dataSync()));
  }

  write(values: readonly Float32Array[]): void {
    tf.tidy(() => {
      this.program.variables.forEach((variable, i) =>
        variable.assign(tf.tensor(new Float32Array(values[i]), variable.shape)),
      );
    });
  }

  dispose(): void {
    this.program.variables.forEach((variable) => variable.dispose());
  }
}

/** TensorFlow.js has no bytes: they become float32 here, where an engine that keeps them casts on the device. */
export function toTensor(values: TensorValues, { shape, dtype }: TensorSpec): Tensor {
  // TensorFlow.js may keep the array as it is, so a view of the data set is copied.
  return dtype === 'int32'
    ? tf.tensor(new Int32Array(values), shape, 'int32')
    : tf.tensor(new Float32Array(values), shape);
}
