import * as tf from '@tensorflow/tfjs';
import { OnecycleError } from '../../errors.js';
import { EagerRun } from '../eager/eager-run.js';
import type { Program, TensorSpec, TensorValues } from '../contract.js';

/**
 * Runs every function of a program once, on zeros, and then puts the variables back.
 * @throws OnecycleError `unsupported_by_engine` if one needs a kernel that is not there; and what a function throws
 */
export function requireKernels(program: Program): void {
  const run = new EagerRun(program, 'a trial');
  const initial = run.read();
  try {
    for (const [name, { inputs }] of Object.entries(program.functions)) {
      run.call(name, inputs.map(zeros));
    }
  } catch (error) {
    const kernel = /Kernel '(\w+)' not registered/.exec(String(error))?.[1];
    if (kernel === undefined) throw error;
    throw new OnecycleError(
      'unsupported_by_engine',
      `The model needs ${kernel}, which the WebAssembly engine does not have. ` +
        'The native engine has it; install it with: npx onecycle engine install',
    );
  } finally {
    run.write(initial);
  }
}

function zeros({ shape, dtype }: TensorSpec): TensorValues {
  const size = tf.util.sizeFromShape(shape);
  return dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
}
