import type { Batch, Dataset } from '../data/index.js';
import type { Engine, Program, Run, StepFunction, Tensor, TensorSpec, Variable } from '../engine/index.js';
import { buildModel } from '../models/build.js';
import { type ModelPlan, tensorName } from '../models/index.js';
import type { Optimizer, Slot } from '../optimizer/index.js';
import type { Loss } from './losses/index.js';

/** What shapes a step beside its model: each choice is part of the compiled graph. */
export interface StepOptions {
  /** Gradients are scaled down to this norm, of this type, over all parameters (PyTorch's `clip_grad_norm_`). */
  clipNorm?: { max: number; type: number };
  /** Gradients are cut to ±this. */
  clipValue?: number;
  /** Gradients of several batches are added up before a step (fastai's GradientAccumulation). */
  accumulate?: boolean;
}

/** All that is known of a run before it starts, and so can stand in one graph. */
export interface RunPlan {
  engine: Engine;
  model: ModelPlan;
  loss: Loss;
  optimizer: Optimizer;
  data: Pick<Dataset, 'x' | 'target'>;
  sizes: { train: readonly number[]; valid: readonly number[] };
  /** The freezings that steps will be asked for. */
  frozen: readonly number[];
  options: StepOptions;
  seed: number;
}

/** A model, its loss and its optimizer on an engine: the training step and the evaluation, and their state. */
export class TrainingRun {
  private readonly run: Run;
  private readonly optimizer: Optimizer;
  private readonly random: boolean;

  /** `values` are those of all variables, in `variableNames`' order. */
  constructor(
    private readonly plan: RunPlan,
    values: readonly Float32Array[],
  ) {
    const steps = new StepBuilder(plan, values);
    this.optimizer = plan.optimizer;
    this.random = steps.random;
    this.run = plan.engine.build(steps.program());
  }

  get mode(): Run['mode'] {
    return this.run.mode;
  }

  /**
   * One training step, or, where gradients are accumulated and `apply` is false, only their addition.
   * `scale` is the gradients' weight in the sum. Returns the batch's mean loss before the step.
   */
  train(batch: Batch, position: { iteration: number; apply: boolean; scale: number }): number {
    const { apply, iteration, scale } = position;
    const { optimizer, plan } = this;
    const inputs = [batch.x, batch.y, apply ? optimizer.nextScalars() : new Float32Array(optimizer.scalarCount)];
    if (this.random) inputs.push(Int32Array.of(plan.seed, iteration));
    if (plan.options.accumulate === true) inputs.push(Float32Array.of(scale));
    return this.run.call(trainName(batch.rows, optimizer.frozenTo, apply), inputs)[0][0];
  }

  /** Mean loss and outputs [rows × outputs] of a batch, as for inference. */
  evaluate(batch: Batch): { loss: number; output: Float32Array } {
    const [loss, output] = this.run.call(evaluateName(batch.rows), [batch.x, batch.y]);
    return { loss: loss[0], output: output };
  }

  /** Whether a step of this size and freezing is compiled. */
  has(rows: number, frozenTo: number): boolean {
    return this.plan.sizes.train.includes(rows) && this.plan.frozen.includes(frozenTo);
  }

  read(): Float32Array[] {
    return this.run.read();
  }

  write(values: readonly Float32Array[]): void {
    this.run.write(values);
  }

  dispose(): void {
    this.run.dispose();
  }
}

const trainName = (rows: number, frozenTo: number, apply: boolean) =>
  `train/${rows}/${frozenTo}/${apply ? 'step' : 'add'}`;
const evaluateName = (rows: number) => `evaluate/${rows}`;

/** Writes a run down as a program: one function for each size of batch, each freezing, each kind of step. */
class StepBuilder {
  readonly random: boolean;
  private readonly model: ReturnType<typeof buildModel>;
  private readonly trainable: number[];
  /** By trainable parameter: its state. */
  private readonly slots: Record<string, Variable>[];
  private readonly sums: Variable[];

  constructor(
    private readonly plan: RunPlan,
    values: readonly Float32Array[],
  ) {
    const { engine, model, optimizer, options } = plan;
    const remaining = [...values];
    this.model = buildModel(engine, model, remaining.splice(0, model.parameters.length));
    this.random = model.layers.some(({ type }) => type === 'dropout');
    this.trainable = model.parameters.flatMap(({ kind }, i) => (kind === 'statistic' ? [] : [i]));
    const state = (parameter: number) => this.variableOf(remaining.shift()!, this.model.variables[parameter].shape);
    this.slots = this.trainable.map((i) =>
      Object.fromEntries(optimizer.stepper.slots.map(({ name }) => [name, state(i)])),
    );
    this.sums = options.accumulate === true ? this.trainable.map(state) : [];
  }

  program(): Program {
    const { sizes, frozen, options } = this.plan;
    const functions: Program['functions'] = {};
    for (const rows of sizes.train) {
      for (const frozenTo of frozen) {
        functions[trainName(rows, frozenTo, true)] = this.train(rows, frozenTo, true);
        if (options.accumulate === true)
          functions[trainName(rows, frozenTo, false)] = this.train(rows, frozenTo, false);
      }
    }
    for (const rows of sizes.valid) functions[evaluateName(rows)] = this.evaluate(rows);
    return {
      variables: [...this.model.variables, ...this.slots.flatMap((slots) => Object.values(slots)), ...this.sums],
      functions,
    };
  }

  private train(rows: number, frozenTo: number, apply: boolean): StepFunction {
    const { optimizer, options, engine } = this.plan;
    const inputs: TensorSpec[] = [...this.batch(rows), { shape: [optimizer.scalarCount], dtype: 'float32' }];
    if (this.random) inputs.push({ shape: [2], dtype: 'int32' });
    if (options.accumulate === true) inputs.push({ shape: [], dtype: 'float32' });
    const body = ([x, y, scalars, ...rest]: Tensor[]) => {
      const trained = this.trainable.flatMap((_, i) => (optimizer.trains(i, frozenTo) ? [i] : []));
      engine.layers.seed.current = this.random ? rest[0] : null;
      const { value, gradients } = this.differentiate(x, y, trained);
      const summed = options.accumulate === true ? this.accumulate(trained, gradients, rest.at(-1)!, apply) : gradients;
      if (apply) this.update(trained, this.clip(summed), scalars);
      return [value];
    };
    return { inputs, body };
  }

  private differentiate(x: Tensor, y: Tensor, trained: number[]): { value: Tensor; gradients: Tensor[] } {
    const { engine, loss } = this.plan;
    const variables = trained.map((i) => this.variable(i));
    const forward = () => loss(engine, this.model.model.apply(x, { training: true }) as Tensor, y).asScalar();
    if (variables.length === 0) return { value: forward(), gradients: [] };
    const { value, grads } = engine.tf.variableGrads(forward, variables);
    return { value, gradients: variables.map(({ name }) => grads[name]) };
  }

  /** Adds weighted gradients to the sums; when these are applied, they are handed on and start again from zero. */
  private accumulate(trained: number[], gradients: Tensor[], scale: Tensor, apply: boolean): Tensor[] {
    const { tf, kernels } = this.plan.engine;
    return trained.map((i, k) => {
      const sum = tf.add(this.sums[i], tf.mul(gradients[k], scale));
      kernels.assign(this.sums[i], apply ? tf.zerosLike(sum) : sum);
      return sum;
    });
  }

  private clip(gradients: Tensor[]): Tensor[] {
    const { tf } = this.plan.engine;
    const { clipNorm, clipValue } = this.plan.options;
    const scaled = clipNorm === undefined || gradients.length === 0 ? gradients : this.scaleToNorm(gradients, clipNorm);
    return clipValue === undefined ? scaled : scaled.map((gradient) => tf.clipByValue(gradient, -clipValue, clipValue));
  }

  private scaleToNorm(gradients: Tensor[], { max, type }: NonNullable<StepOptions['clipNorm']>): Tensor[] {
    const { tf } = this.plan.engine;
    const norm = tf.pow(tf.addN(gradients.map((gradient) => tf.sum(tf.pow(tf.abs(gradient), type)))), 1 / type);
    const factor = tf.minimum(tf.div(max, tf.add(norm, 1e-6)), 1);
    return gradients.map((gradient) => tf.mul(gradient, factor));
  }

  private update(trained: number[], gradients: Tensor[], scalars: Tensor): void {
    const { engine, optimizer } = this.plan;
    const unstacked = engine.tf.unstack(scalars);
    trained.forEach((i, k) => optimizer.update(engine, i, this.variable(i), gradients[k], this.slots[i], unstacked));
  }

  private evaluate(rows: number): StepFunction {
    const { engine, loss } = this.plan;
    return {
      inputs: this.batch(rows),
      body: ([x, y]) => {
        const output = this.model.model.apply(x, { training: false }) as Tensor;
        return [loss(engine, output, y), output];
      },
    };
  }

  private batch(rows: number): TensorSpec[] {
    const { data, model } = this.plan;
    const x: TensorSpec = {
      shape: [rows, ...model.input_shape],
      dtype: data.x instanceof Uint8Array ? 'uint8' : 'float32',
    };
    const { target } = data;
    return [
      x,
      target.kind === 'classes'
        ? { shape: [rows], dtype: 'int32' }
        : { shape: [rows, target.outputs], dtype: 'float32' },
    ];
  }

  private variable(trainable: number): Variable {
    return this.model.variables[this.trainable[trainable]];
  }

  private variableOf(values: Float32Array, shape: number[]): Variable {
    const { tf } = this.plan.engine;
    return tf.tidy(() => tf.variable(tf.tensor(values, shape), false));
  }
}

/** Names of a run's variables, in their order: parameters `LAYER.NAME`, the optimizer's `optimizer/SLOT/LAYER.NAME`, sums of gradients. */
export function variableNames(model: ModelPlan, slots: readonly Slot[], accumulate = false): string[] {
  const trainable = model.parameters.filter(({ kind }) => kind !== 'statistic').map(tensorName);
  const states = trainable.flatMap((name) => slots.map((slot) => `optimizer/${slot.name}/${name}`));
  return [
    ...model.parameters.map(tensorName),
    ...states,
    ...(accumulate ? trainable.map((name) => `sum/${name}`) : []),
  ];
}
