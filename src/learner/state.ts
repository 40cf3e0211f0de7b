import { OnecycleError } from '../errors.js';
import { namedWeights, readSafetensors, safetensorsParts, takeFrom } from '../models/index.js';
import type { OptimizerState } from '../optimizer/index.js';
import { checkpointFile } from './checkpoint-file.js';
import type { Learner } from './learner.js';
import { between } from './policies.js';

/** A Learner's state between two fits, in parts: what another Learner goes on from by `loadState`. */
export const stateFile = (learn: Learner): Uint8Array[] => checkpointFile(learn, between(learn, learn.phase));

/** The parameters alone, named `LAYER.NAME`. `metadata`: strings to store beside them. */
export const weightsFile = (learn: Learner, metadata: Record<string, string> = {}): Uint8Array[] =>
  safetensorsParts(namedWeights(learn.options.model, learn.parameterValues()), metadata);

/**
 * Takes over a state file: the parameters, where they fit by name and shape (the head may be another, and is then left
 * as it is), and with `optimizer` also the optimizer's state and hypers, as a second fit
 * on one Learner would.
 * @throws OnecycleError `bad_data` where the file does not fit the Learner
 */
export function loadState(learn: Learner, bytes: Uint8Array, { optimizer }: { optimizer: boolean }): void {
  const { tensors, metadata } = readSafetensors(bytes);
  if (!optimizer) {
    learn.setParameterValues(takeFrom(learn.options.model, learn.parameterValues(), tensors));
    return;
  }
  const fresh = learn.snapshot().values;
  const values = learn.names.map((name, i) => {
    // Half a sum of gradients is of no use to another job.
    const data = name.startsWith('sum/') ? fresh[i] : tensors.get(name)?.data;
    if (!(data instanceof Float32Array))
      throw new OnecycleError('bad_data', `The state to continue from has no tensor ${name}`);
    if (data.length !== fresh[i].length)
      throw new OnecycleError(
        'bad_data',
        `The state to continue from is of another model: ${name} has ${data.length} numbers there, not ${fresh[i].length}`,
      );
    return data;
  });
  if (!('optimizer' in metadata)) throw new OnecycleError('bad_data', 'The state to continue from has no optimizer');
  const state = JSON.parse(metadata.optimizer) as OptimizerState;
  learn.restore({ values, optimizer: state, iterationsDone: 0, epochsDone: 0 });
}
