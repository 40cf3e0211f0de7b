/**
 * fastai's optimizers: what a request may ask for, the hypers and steps that they keep, and what a step does. Loads no
 * engine.
 */
export type { ParameterInfo, StepLayout } from './layout.js';
export { Optimizer, type OptimizerState } from './optimizer.js';
export {
  completeOptimizer,
  optimizerNames,
  OptimizerSchema,
  stepperOf,
  type OptimizerName,
  type OptimizerRequest,
  type OptimizerSpec,
} from './optimizers/index.js';
export type { Slot } from './slot.js';
export type { Hypers, Stepper } from './stepper.js';
export { updateParameter } from './update.js';
