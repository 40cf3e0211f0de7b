import { invalidSpec } from '../errors.js';
import { type ParameterInfo, type StepLayout, stepLayout } from './layout.js';
import { hypersOf, type OptimizerSpec } from './optimizers/index.js';
import type { Hypers, Stepper } from './stepper.js';

/** What outlives a fit besides the state tensors. */
export interface OptimizerState {
  /** By parameter group. */
  hypers: Hypers[];
  /** Steps made, for each class of parameters that are always stepped together. */
  steps: number[];
  /** Steps of the whole optimizer. */
  count: number;
  frozenTo: number;
}

/**
 * fastai's Optimizer, less the tensors, which are the engine's: the hypers of each parameter group, freezing, step
 * counts, and what a step's scalars are. What a step does with them is `updateParameter`.
 */
export class Optimizer {
  readonly layout: StepLayout;
  /** By parameter group. */
  hypers: Hypers[];
  /** Parameter groups before this one do not train. */
  frozenTo = 0;
  private steps: number[];
  private count = 0;

  /** `lr` is the Learner's, where no policy has set one. */
  constructor(
    readonly spec: OptimizerSpec,
    private readonly parameters: readonly ParameterInfo[],
    readonly groups: number,
    private readonly lr: number,
  ) {
    this.layout = stepLayout(spec, parameters);
    this.hypers = this.initialHypers();
    this.steps = this.layout.classes.map(() => 0);
  }

  get stepper(): Stepper {
    return this.layout.stepper;
  }

  /** Sets a hyper, one value per group. @throws OnecycleError `invalid_spec` where there are more, or fewer */
  setHyper(name: string, values: readonly number[]): void {
    if (values.length !== this.groups)
      throw invalidSpec(
        `/${name}`,
        `${name} needs one value per parameter group: ${this.groups}, not ${values.length}`,
      );
    this.hypers.forEach((hypers, group) => (hypers[name] = values[group]!));
  }

  /** Whether a step with this freezing trains the parameter. */
  trains(index: number, frozenTo = this.frozenTo): boolean {
    const { group, forceTrain } = this.parameters[index];
    return group >= frozenTo || forceTrain;
  }

  /** As new: its own hypers and no steps. The state tensors are the caller's to clear. */
  reset(): void {
    this.hypers = this.initialHypers();
    this.clearState();
  }

  /** No steps. The state tensors are the caller's to clear. */
  clearState(): void {
    this.steps.fill(0);
    this.count = 0;
  }

  /** The length of `nextScalars`. */
  get scalarCount(): number {
    return this.layout.classes.length * this.layout.width;
  }

  /** Counts the next step and returns its scalars, as the layout has them. Those of a frozen class are 0. */
  nextScalars(): Float32Array {
    const { classes, decouples, stepper, width } = this.layout;
    const scalars = new Float32Array(this.scalarCount);
    this.count++;
    classes.forEach(({ group, forceTrain }, c) => {
      if (group < this.frozenTo && !forceTrain) return;
      const hypers = this.hypers[group];
      const step = ++this.steps[c];
      const values = stepper.scalars(hypers, step, this.count);
      stepper.scalarNames.forEach((name, i) => (scalars[c * width + i] = values[name]!));
      scalars[(c + 1) * width - 1] = decouples ? 1 - hypers.lr * hypers.wd : hypers.wd;
    });
    return scalars;
  }

  /** A copy of all that changes from step to step. */
  state(): OptimizerState {
    const { hypers, steps, count, frozenTo } = this;
    return structuredClone({ hypers, steps, count, frozenTo });
  }

  /** Goes on from a state, of which it keeps a copy. */
  restore(state: OptimizerState): void {
    const { hypers, steps, count, frozenTo } = structuredClone(state);
    Object.assign(this, { hypers, steps, count, frozenTo });
  }

  private initialHypers(): Hypers[] {
    return Array.from({ length: this.groups }, () => ({ ...hypersOf(this.spec), lr: this.lr }));
  }
}
