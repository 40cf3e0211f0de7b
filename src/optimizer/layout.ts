/**
 * Where in a step's scalars each parameter finds its own: known before the first step, and the same for all of them.
 */
import { decouples, type OptimizerSpec, stepperOf } from './optimizers/index.js';
import type { Stepper } from './stepper.js';

/** What the optimizer must know of a trainable parameter. */
export interface ParameterInfo {
  group: number;
  /** Whether weight decay applies: not on biases and batch norm, unless `wd_bn_bias` (fastai's `do_wd`). */
  decays: boolean;
  /** Whether it trains in a frozen group too: batch norm with `train_bn` (fastai's `force_train`). */
  forceTrain: boolean;
}

/**
 * Parameters that are always stepped together, and so share their scalars: those of a group that freeze, and those that
 * don't.
 */
export type StepClass = Pick<ParameterInfo, 'group' | 'forceTrain'>;

/** All that a traced step depends on. Its scalars are one row per class: the stepper's, then the weight decay's. */
export interface StepLayout {
  readonly stepper: Stepper;
  /** Whether the last scalar is a factor of the parameter, rather than one of what is added to the gradient. */
  readonly decouples: boolean;
  readonly classes: readonly StepClass[];
  /** By parameter: the index of its class, and whether weight decay applies. */
  readonly parameters: readonly { stepClass: number; decays: boolean }[];
  /** Scalars per class. */
  readonly width: number;
}

/** The layout of an optimizer's steps for these trainable parameters. */
export function stepLayout(spec: OptimizerSpec, parameters: readonly ParameterInfo[]): StepLayout {
  const stepper = stepperOf(spec);
  const classes: StepClass[] = [];
  const classIndex = ({ group, forceTrain }: ParameterInfo): number => {
    const known = classes.findIndex((each) => each.group === group && each.forceTrain === forceTrain);
    return known >= 0 ? known : classes.push({ group, forceTrain }) - 1;
  };
  return {
    stepper,
    decouples: decouples(spec),
    parameters: parameters.map((parameter) => ({ stepClass: classIndex(parameter), decays: parameter.decays })),
    classes,
    width: stepper.scalarNames.length + 1,
  };
}
