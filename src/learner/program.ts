/**
 * What the Learner has an engine do, written down as a program: one function for each size of batch, each freezing,
 * each kind of step.
 */
import { dtypeOf, type Batch, type Dataset } from '../data/index.js';
import type {
  Engine,
  LayersModel,
  Program,
  ProgramOutline,
  StepFunction,
  Tensor,
  TensorSpec,
  TensorValues,
  Variable,
} from '../engine/index.js';
import { buildModel } from '../models/build.js';
import { type ModelPlan, tensorName } from '../models/index.js';
import { type Optimizer, type Slot, updateParameter } from '../optimizer/index.js';
import { addUp, clip, type StepOptions } from './gradients.js';
import type { MadeLoss } from './losses/index.js';
import { drawMixup, mixedLoss, mixupSpecs } from './mixup.js';

/** All that is known of a run before it starts, and so can stand in one graph. */
export interface StepPlan {
  engine: Engine;
  model: ModelPlan;
  loss: MadeLoss;
  optimizer: Optimizer;
  data: Pick<Dataset, 'x' | 'target'>;
  /** The rows that batches have, each number once. */
  sizes: { train: readonly number[]; valid: readonly number[] };
  /** The freezings that steps will be asked for: the first parameter group that trains. */
  frozen: readonly number[];
  options: StepOptions;
  seed: number;
}

/** Which call of the training function this is. */
export interface StepPosition {
  /** Of all fits: what dropout and mixup draw from, with the seed. */
  iteration: number;
  /** Whether the step updates the parameters; false only adds gradients up. */
  apply: boolean;
  /** The gradients' weight in their sum. */
  scale: number;
}

/** The variables of a program, and the model that some of them are in. */
interface State {
  model: LayersModel;
  /** The model's parameters, in its plan's order. */
  parameters: readonly Variable[];
  /** Those that may train, in the same order; `slots` and `sums` have an entry for each. */
  trainable: readonly Variable[];
  /** The optimizer's state, by the slot's name. */
  slots: readonly Record<string, Variable>[];
  /** Sums of gradients; none unless the step accumulates. */
  sums: readonly Variable[];
}

/** The name of a training function. */
export const trainName = (rows: number, frozenTo: number, apply: boolean): string =>
  `train/${rows}/${frozenTo}/${apply ? 'step' : 'add'}`;

/** The name of an evaluation. */
export const evaluateName = (rows: number): string => `evaluate/${rows}`;

/** A plan's program before it is made, which starts with `values`. */
export const stepOutline = (plan: StepPlan, values: readonly Float32Array[]): ProgramOutline => ({
  shapedBy: shapedBy(plan),
  values,
  make: () => stepProgram(plan, values),
});

/** Everything that the functions of a plan's program depend on: each field but its engine and the seed, which is fed. */
function shapedBy({ model, loss, optimizer, data: { x, target }, sizes, frozen, options }: StepPlan) {
  const { spec, layout } = optimizer;
  const { classes, parameters } = layout; // the rest of it comes from the spec
  return {
    of: 'steps',
    model,
    loss: loss.spec,
    optimizer: { spec, classes, parameters },
    data: { dtype: dtypeOf(x), target },
    sizes,
    frozen,
    options,
  };
}

/** Writes a plan down as a program that starts with `values`, those of all variables in `variableNames`' order. */
export function stepProgram(plan: StepPlan, values: readonly Float32Array[]): Program {
  const { sizes, frozen, options } = plan;
  const state = makeState(plan, values);
  const functions: Program['functions'] = {};
  for (const rows of sizes.train) {
    for (const frozenTo of frozen) {
      for (const apply of options.accumulate === true ? [true, false] : [true])
        functions[trainName(rows, frozenTo, apply)] = trainFunction(plan, state, { rows, frozenTo, apply });
    }
  }
  for (const rows of sizes.valid) functions[evaluateName(rows)] = evaluateFunction(plan, state, rows);
  const slots = state.slots.flatMap((slots) => Object.values(slots));
  return { variables: [...state.parameters, ...slots, ...state.sums], functions };
}

/**
 * Names of a program's variables, in their order: parameters `LAYER.NAME`, the optimizer's `optimizer/SLOT/LAYER.NAME`,
 * sums of gradients.
 */
export function variableNames(model: ModelPlan, slots: readonly Slot[], accumulate = false): string[] {
  const trainable = model.parameters.filter(({ kind }) => kind !== 'statistic').map(tensorName);
  const states = trainable.flatMap((name) => slots.map((slot) => `optimizer/${slot.name}/${name}`));
  return [
    ...model.parameters.map(tensorName),
    ...states,
    ...(accumulate ? trainable.map((name) => `sum/${name}`) : []),
  ];
}

/**
 * The inputs of a training function for a batch, in the order of `trainSpecs`. Counts a step of the optimizer where it
 * is applied.
 */
export function trainInputs(
  plan: StepPlan,
  { rows, x, y }: Batch,
  { iteration, apply, scale }: StepPosition,
): TensorValues[] {
  const { model, optimizer, options, seed } = plan;
  const inputs = [x, y, apply ? optimizer.nextScalars() : new Float32Array(optimizer.scalarCount)];
  if (drawsRandomNumbers(model)) inputs.push(Int32Array.of(seed, iteration));
  if (options.accumulate === true) inputs.push(Float32Array.of(scale));
  if (options.mixup) {
    const { share, partner } = drawMixup(rows, options.mixup, seed, iteration);
    inputs.push(share, partner);
  }
  return inputs;
}

function trainSpecs(plan: StepPlan, rows: number): TensorSpec[] {
  const specs: TensorSpec[] = [...batchSpecs(plan, rows), { shape: [plan.optimizer.scalarCount], dtype: 'float32' }];
  if (drawsRandomNumbers(plan.model)) specs.push({ shape: [2], dtype: 'int32' });
  if (plan.options.accumulate === true) specs.push({ shape: [], dtype: 'float32' });
  if (plan.options.mixup) specs.push(...mixupSpecs(rows));
  return specs;
}

function batchSpecs({ data: { x, target }, model }: StepPlan, rows: number): TensorSpec[] {
  return [
    { shape: [rows, ...model.input_shape], dtype: dtypeOf(x) },
    target.kind === 'classes' ? { shape: [rows], dtype: 'int32' } : { shape: [rows, target.outputs], dtype: 'float32' },
  ];
}

/** Whether a training step is fed a seed. */
const drawsRandomNumbers = ({ layers }: ModelPlan): boolean => layers.some(({ type }) => type === 'dropout');

/** The variables with their first values, made in the order in which the program has them. */
function makeState({ engine, model, optimizer, options }: StepPlan, values: readonly Float32Array[]): State {
  const remaining = [...values];
  const built = buildModel(engine, model, remaining.splice(0, model.parameters.length));
  const trainable = built.variables.filter((_, i) => model.parameters[i].kind !== 'statistic');
  const like = ({ shape }: Variable): Variable => {
    const { tf } = engine;
    return tf.tidy(() => tf.variable(tf.tensor(remaining.shift()!, shape), false));
  };
  const slotsOf = (parameter: Variable) =>
    Object.fromEntries(optimizer.stepper.slots.map(({ name }) => [name, like(parameter)]));
  const slots = trainable.map(slotsOf);
  const sums = options.accumulate === true ? trainable.map(like) : [];
  return { model: built.model, parameters: built.variables, trainable, slots, sums };
}

/** What a training function is given, by name: the tensors of `trainSpecs` in their order. */
function named({ model, options }: StepPlan, [x, y, scalars, ...rest]: Tensor[]) {
  const seed = drawsRandomNumbers(model) ? rest.shift()! : null;
  const scale = options.accumulate === true ? rest.shift()! : null;
  const mixed = options.mixup ? { share: rest[0], partner: rest[1] } : null;
  return { x, y, scalars, seed, scale, mixed };
}

/** [x, y, scalars, seed?, scale?, share?, partner?] → [the batch's mean loss before the step]. */
function trainFunction(
  plan: StepPlan,
  { model, trainable, slots, sums }: State,
  { rows, frozenTo, apply }: { rows: number; frozenTo: number; apply: boolean },
): StepFunction {
  const { engine, loss, optimizer, options } = plan;
  const body = (inputs: Tensor[]) => {
    const { x, y, scalars, seed, scale, mixed } = named(plan, inputs);
    const trained = trainable.flatMap((_, i) => (optimizer.trains(i, frozenTo) ? [i] : []));
    const pick = <T>(list: readonly T[]): T[] => trained.map((i) => list[i]);
    engine.layers.seed.current = seed;
    const predict = (rows: Tensor) => model.apply(rows, { training: true }) as Tensor;
    const forward = () =>
      mixed ? mixedLoss(engine, loss, { x, y, ...mixed }, predict) : loss.compute(engine, predict(x), y);
    const { value, gradients } = differentiate(engine, forward, pick(trainable));
    const summed = scale ? addUp(engine, pick(sums), gradients, { scale, apply }) : gradients;
    if (apply) {
      const clipped = clip(engine, summed, options);
      const unstacked = engine.tf.unstack(scalars);
      trained.forEach((i, k) => {
        const parameter = { variable: trainable[i], gradient: clipped[k], slots: slots[i] };
        updateParameter(engine, optimizer.layout, i, parameter, unstacked);
      });
    }
    return [value];
  };
  return { inputs: trainSpecs(plan, rows), body };
}

/** A scalar, and its gradients by some variables, in their order. */
function differentiate(
  { tf }: Engine,
  forward: () => Tensor,
  variables: Variable[],
): { value: Tensor; gradients: Tensor[] } {
  if (variables.length === 0) return { value: forward().asScalar(), gradients: [] };
  const { value, grads } = tf.variableGrads(() => forward().asScalar(), variables);
  return { value, gradients: variables.map(({ name }) => grads[name]) };
}

/** [x, y] → [mean loss, outputs], as for inference. */
function evaluateFunction(plan: StepPlan, { model }: State, rows: number): StepFunction {
  const { engine, loss } = plan;
  return {
    inputs: batchSpecs(plan, rows),
    body: ([x, y]) => {
      const output = model.apply(x, { training: false }) as Tensor;
      return [loss.compute(engine, output, y), output];
    },
  };
}
