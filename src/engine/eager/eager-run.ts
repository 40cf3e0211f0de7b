import * as tf from '@tensorflow/tfjs';
import type { Program, Run, Tensor, TensorSpec, TensorValues } from '../contract.js';
import { tidyValues } from '../tidy-values.js';

/** Runs a program kernel by kernel: the path for an engine that cannot compile, and the reference in tests. */
export class EagerRun implements Run {
  readonly mode: Run['mode'];

  /** @param reason why the program is not compiled, for `mode` */
  constructor(
    private readonly program: Program,
    reason: string,
  ) {
    this.mode = { name: 'eager', reason };
  }

  call(name: string, inputs: TensorValues[]): Float32Array[] {
    const { functions } = this.program;
    if (!Object.hasOwn(functions, name)) throw new Error(`the program has no function ${name}`);
    const { inputs: specs, body } = functions[name];
    return tidyValues(() =>
      body(specs.map((spec, i) => toTensor(inputs[i], spec))).map((output) => new Float32Array(output.dataSync())),
    );
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

/**
 * A tensor with a copy of the values: TensorFlow.js may keep the array that it is given, which may be a view of a data
 * set. Bytes become float32, for TensorFlow.js has no type for them.
 */
export function toTensor(values: TensorValues, { shape, dtype }: TensorSpec): Tensor {
  return dtype === 'int32'
    ? tf.tensor(new Int32Array(values), shape, 'int32')
    : tf.tensor(new Float32Array(values), shape);
}
