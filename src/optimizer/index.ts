export { Optimizer, type OptimizerState, type ParameterInfo } from './optimizer.js';
export {
  completeOptimizer,
  optimizerDefaults,
  type OptimizerName,
  type OptimizerRequest,
  type OptimizerSpec,
} from './spec.js';
export { stepperOf } from './steppers/index.js';
export type { Slot } from './slot.js';
export type { Hypers, Stepper } from './steppers/stepper.js';
