/** What a step does with a parameter's tensors: the part of an optimizer that is traced. */
import type { Tensor } from '../engine/index.js';
import type { StepLayout } from './layout.js';
import type { Parameter, StepContext } from './stepper.js';

/**
 * The update of one parameter, to be traced: weight decay first, then the stepper, as fastai does.
 * @param index the parameter's in the layout
 * @param scalars `Optimizer.nextScalars`, unstacked
 */
export function updateParameter(
  context: StepContext,
  layout: StepLayout,
  index: number,
  parameter: Parameter,
  scalars: readonly Tensor[],
): void {
  const { tf, kernels } = context;
  const { stepper, width } = layout;
  const { stepClass, decays } = layout.parameters[index];
  const row = scalars.slice(stepClass * width, (stepClass + 1) * width);
  const decay = row[width - 1];
  const named = Object.fromEntries(stepper.scalarNames.map((name, i) => [name, row[i]]));
  const step = (changes: Partial<Parameter>) => stepper.step(context, { ...parameter, ...changes }, named);
  const { variable, gradient } = parameter;
  if (!decays) step({});
  else if (!layout.decouples) step({ gradient: tf.add(gradient, tf.mul(decay, variable)) });
  else if (stepper.decaysItself === true) step({ decay });
  else {
    kernels.assign(variable, tf.mul(variable, decay));
    step({});
  }
}
