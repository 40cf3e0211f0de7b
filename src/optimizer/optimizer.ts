import type { Tensor, Variable } from '../engine/index.js';
import type { OptimizerSpec } from './spec.js';
import type { Hypers, Parameter, StepContext, Stepper } from './steppers/stepper.js';
import { stepperOf } from './steppers/index.js';

/** What the optimizer must know of a trainable parameter. */
export interface ParameterInfo {
  group: number;
  /** Whether weight decay applies: not on biases and batch norm, unless `wd_bn_bias` (fastai's `do_wd`). */
  decays: boolean;
  /** Whether it trains in a frozen group too: batch norm with `train_bn` (fastai's `force_train`). */
  forceTrain: boolean;
}

/** What outlives a fit besides the state tensors. */
export interface OptimizerState {
  hypers: Hypers[];
  /** Steps made, for each class of parameters that are always stepped together. */
  steps: number[];
  count: number;
  frozenTo: number;
}

/** Parameters that are always stepped together, and so share their scalars: those of a group that freeze, and those that don't. */
interface StepClass {
  group: number;
  forceTrain: boolean;
}

/** Hypers that are numbers of the groups; other arguments shape the arithmetic and stay as they are. */
const hyperArguments = ['mom', 'sqr_mom', 'eps', 'wd'] as const;

/**
 * fastai's Optimizer, less the tensors: hypers a group, freezing, step counts, and what a step's scalars are.
 * The tensors are the engine's; `update` is what it does with them.
 */
export class Optimizer {
  readonly stepper: Stepper;
  hypers: Hypers[];
  frozenTo = 0;
  private readonly classes: StepClass[] = [];
  private readonly classOf: number[];
  private steps: number[];
  private count = 0;

  constructor(
    readonly spec: OptimizerSpec,
    private readonly parameters: readonly ParameterInfo[],
    readonly groups: number,
    private readonly lr: number,
  ) {
    this.stepper = stepperOf(spec);
    this.hypers = this.initialHypers();
    this.classOf = parameters.map((parameter) => this.classIndex(parameter));
    this.steps = this.classes.map(() => 0);
  }

  /** Sets a hyper, one value a group. */
  setHyper(name: string, values: readonly number[]): void {
    this.hypers.forEach((hypers, group) => (hypers[name] = values[group]!));
  }

  /** Which parameters a step with this freezing trains. */
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
    return this.classes.length * this.width;
  }

  /** Counts the next step and returns its scalars, one row a class: the stepper's, then the weight decay's. */
  nextScalars(): Float32Array {
    const scalars = new Float32Array(this.scalarCount);
    this.count++;
    this.classes.forEach(({ group, forceTrain }, c) => {
      if (group < this.frozenTo && !forceTrain) return;
      const hypers = this.hypers[group];
      const step = ++this.steps[c];
      const values = this.stepper.scalars(hypers, step, this.count);
      this.stepper.scalarNames.forEach((name, i) => (scalars[c * this.width + i] = values[name]!));
      scalars[(c + 1) * this.width - 1] = this.decouples ? 1 - hypers.lr * hypers.wd : hypers.wd;
    });
    return scalars;
  }

  /** The update of one parameter, to be traced: weight decay first, then the stepper, as fastai does. `scalars` are `nextScalars`, unstacked. */
  update(
    context: StepContext,
    index: number,
    variable: Variable,
    gradient: Tensor,
    slots: Record<string, Variable>,
    scalars: readonly Tensor[],
  ): void {
    const { tf, kernels } = context;
    const row = scalars.slice(this.classOf[index] * this.width, (this.classOf[index] + 1) * this.width);
    const decay = row[this.width - 1];
    const { decays } = this.parameters[index];
    const named = Object.fromEntries(this.stepper.scalarNames.map((name, i) => [name, row[i]]));
    const step = (parameter: Partial<Parameter>) =>
      this.stepper.step(context, { variable, gradient, slots, ...parameter }, named);
    if (!decays) step({});
    else if (!this.decouples) step({ gradient: tf.add(gradient, tf.mul(decay, variable)) });
    else if (this.stepper.decaysItself === true) step({ decay });
    else {
      kernels.assign(variable, tf.mul(variable, decay));
      step({});
    }
  }

  state(): OptimizerState {
    const { hypers, steps, count, frozenTo } = this;
    return structuredClone({ hypers, steps, count, frozenTo });
  }

  restore(state: OptimizerState): void {
    const { hypers, steps, count, frozenTo } = structuredClone(state);
    Object.assign(this, { hypers, steps, count, frozenTo });
  }

  private get width(): number {
    return this.stepper.scalarNames.length + 1;
  }

  private get decouples(): boolean {
    return baseOf(this.spec).decouple_wd;
  }

  private initialHypers(): Hypers[] {
    const base: Record<string, unknown> = { ...baseOf(this.spec) };
    const hypers = Object.fromEntries(
      hyperArguments.filter((name) => name in base).map((name) => [name, Number(base[name])]),
    );
    return Array.from({ length: this.groups }, () => ({ ...hypers, lr: this.lr }));
  }

  private classIndex({ group, forceTrain }: ParameterInfo): number {
    const known = this.classes.findIndex((c) => c.group === group && c.forceTrain === forceTrain);
    return known >= 0 ? known : this.classes.push({ group, forceTrain }) - 1;
  }
}

/** The optimizer inside any number of Lookaheads: the hypers are its. */
function baseOf(spec: OptimizerSpec): Exclude<OptimizerSpec, { name: 'lookahead' }> {
  return spec.name === 'lookahead' ? baseOf(spec.of) : spec;
}
