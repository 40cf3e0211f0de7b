/**
 * What an engine is: a tensor library on a device that can hold a program's variables and run its functions.
 * Models, losses, optimizers and the learner know engines by these types alone.
 *
 * Words: a program is variables and functions over them. A run is a program on a device. A function is one thing
 * that the program does, such as a training step or an evaluation, for one size of batch.
 */
import type * as tf from '@tensorflow/tfjs';
import type { JsonObject } from '../schema/json.js';

/** TensorFlow.js with the engine as its backend. Models, losses and optimizers are written with it. */
export type TensorFlow = typeof tf;
/** A tensor of TensorFlow.js, of any shape; its values lie on the engine's device. */
export type Tensor = tf.Tensor;
/** A tensor whose values can be replaced: a parameter, a statistic, a part of an optimizer's state. */
export type Variable = tf.Variable;
/** A model of TensorFlow.js, as Keras knows it. */
export type LayersModel = tf.LayersModel;
/** The input or output of a layer in a model that is being put together: a shape, no values. */
export type SymbolicTensor = tf.SymbolicTensor;
/** A layer of TensorFlow.js, as Keras knows it. */
export type Layer = tf.layers.Layer;

/** The engines there are: native TensorFlow and TensorFlow.js's WebAssembly backend. */
export type EngineName = 'tensorflow' | 'wasm';

/** Values on their way from JavaScript to the device, row-major. Bytes cross as bytes and become float32 there. */
export type TensorValues = Float32Array | Int32Array | Uint8Array;

/** The form of an input: what `TensorValues` must have in number (the product of `shape`) and type. */
export interface TensorSpec {
  /** Sizes of the axes, the batch's first; [] is a scalar. */
  shape: number[];
  /** `uint8` reaches the function as float32, from 0 to 255. */
  dtype: 'float32' | 'int32' | 'uint8';
}

/**
 * One thing that a program does over its variables: a training step, an evaluation.
 *
 * An engine that compiles calls `body` once, records the kernels that it runs, and then repeats these. So it must
 * - run the same kernels whatever the values are: no `dataSync`, no branch on a value, no random numbers of its own;
 * - use no tensor that was made before the call, apart from its inputs and the program's variables;
 * - change variables through `Kernels` only, and only the program's.
 */
export interface StepFunction {
  inputs: TensorSpec[];
  /**
   * Takes a tensor for each of `inputs` and returns the outputs, which must be float32. Tensors made within are freed.
   */
  body: (inputs: Tensor[]) => Tensor[];
}

/** Variables with their first values, and every function that will be called on them, known before the run starts. */
export interface Program {
  /** float32, each in a tensor of its own. Their order is that of `Run.read` and `Run.write`. */
  variables: Variable[];
  /** By the name that `Run.call` takes. */
  functions: Record<string, StepFunction>;
}

/**
 * A program that is not made yet, by all that shapes it: an engine that keeps what it compiled finds it by that, and
 * need not make the program again.
 */
export interface ProgramOutline {
  /**
   * JSON values that say everything that the program's functions depend on, beside the sources and the engine: two
   * outlines that are equal in this make programs that differ in the variables' values alone.
   */
  shapedBy: JsonObject;
  /** The variables' first values, in the program's order. */
  values: readonly Float32Array[];
  /** Makes the program, its variables with `values`. */
  make: () => Program;
}

/** A program on a device. It owns the variables' values; they leave it by `read` only. */
export interface Run {
  /** `compiled`: a call is one native call. `eager`: it goes kernel by kernel, and why. */
  readonly mode: { name: 'compiled' } | { name: 'eager'; reason: string };
  /**
   * Calls a function.
   * @param name a key of the program's `functions`
   * @param inputs one for each of the function's `inputs`, of its size and type; they are not changed and not kept
   * @returns the outputs' values, row-major, in arrays that belong to the caller
   * @throws Error if the program has no function of that name
   */
  call(name: string, inputs: TensorValues[]): Float32Array[];
  /** Copies of the variables' values, row-major, exact to the bit, in the program's order. */
  read(): Float32Array[];
  /** Sets the variables, exact to the bit: one array for each, in the program's order and of the variable's size. */
  write(values: readonly Float32Array[]): void;
  /** Frees the variables and whatever was compiled. The run must not be used afterwards. */
  dispose(): void;
}

/**
 * The scalars (shape []) of one step of Adam, in the terms of TensorFlow's `ResourceApplyAdam`:
 * m ← m + (g − m)·(1 − beta1); v ← v + (g² − v)·(1 − beta2);
 * variable ← variable·decay − lr·√(1 − beta2Power)/(1 − beta1Power) · m/(√v + epsilon).
 */
export interface AdamScalars {
  lr: Tensor;
  beta1: Tensor;
  beta2: Tensor;
  /** beta1 to the power of the steps so far, this one included: it takes out the bias of m. */
  beta1Power: Tensor;
  /** beta2 to the power of the steps so far, this one included: it takes out the bias of v. */
  beta2Power: Tensor;
  epsilon: Tensor;
  /** What the variable is multiplied by first (decoupled weight decay, 1 − lr·wd); left out where there is none. */
  decay?: Tensor;
}

/**
 * The operations that TensorFlow.js lacks or has slowly; each engine brings its fastest.
 * All tensors are float32 unless said otherwise. `assign` and `apply…` change variables, and are the only way to do so
 * within a `StepFunction`.
 */
export interface Kernels {
  /**
   * The cross-entropy of each row: −log softmax(logits)[label].
   * @param logits [rows, classes]; the result is differentiable by them
   * @param labels int32 [rows], each from 0 to classes − 1
   * @returns [rows]
   */
  sparseSoftmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor;
  /**
   * Batch norm by the batch's own statistics, over all axes but the last: y = (x − mean)/√(var + epsilon)·gamma + beta,
   * differentiable by x, gamma and beta.
   * @param x [n, h, w, c]
   * @param gamma [c]
   * @param beta [c]
   * @returns y, of x's shape; the mean [c]; and the variance [c], which is the unbiased one (divided by n·h·w − 1) that
   *   PyTorch puts into its running statistics, though y is made with the biased one
   */
  batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): { y: Tensor; mean: Tensor; variance: Tensor };
  /** Uniform numbers in [0, 1) that depend on nothing but the shape and `seed`, int32 [2]. */
  statelessUniform(shape: number[], seed: Tensor): Tensor;
  /** variable ← value, of the variable's shape. */
  assign(variable: Variable, value: Tensor): void;
  /** variable ← variable − lr·gradient; `lr` is a scalar. */
  applyGradientDescent(variable: Variable, gradient: Tensor, lr: Tensor): void;
  /** accumulator ← mom·accumulator + gradient; variable ← variable − lr·accumulator; `lr` and `mom` are scalars. */
  applyMomentum(variable: Variable, accumulator: Variable, gradient: Tensor, lr: Tensor, mom: Tensor): void;
  /** One step of Adam, as `AdamScalars` says; `m` and `v` have the variable's shape. */
  applyAdam(variable: Variable, m: Variable, v: Variable, gradient: Tensor, scalars: AdamScalars): void;
}

/**
 * The seed of the training step at hand, which is fed to it like a batch. A step sets it before its model runs.
 */
export interface StepSeed {
  /** int32 [2]: the run's seed and the iteration. Null in a function that draws no random numbers. */
  current: Tensor | null;
}

/**
 * Layers that TensorFlow.js lacks, or that it has slowly, otherwise than PyTorch or with random numbers of its own.
 * `name` is the layer's name in the model.
 */
export interface EngineLayers {
  /**
   * Over the last axis of [n, c] or [n, h, w, c]. `momentum` is the share of the old value in the moving statistics.
   */
  batchNormalization(config: { epsilon: number; momentum: number; name: string }): Layer;
  /** `count` of the numbers of a row, the `from`th on: [n, width] → [n, count]. */
  columns(config: { from: number; count: number; name: string }): Layer;
  /** Sets a share `rate` in [0, 1) of its input to zero in training. `stream` tells the dropouts of a model apart. */
  dropout(config: { rate: number; stream: number; name: string }): Layer;
  /** Pads images [n, h, w, c] by `padding` pixels on each side, below any number that may be there: for max pools. */
  lowestPadding2d(config: { padding: number; name: string }): Layer;
  /** Over each of `groups` groups of channels of images [n, h, w, c], with a scale and an offset a channel. */
  groupNormalization(config: { groups: number; epsilon: number; name: string }): Layer;
  /** Images [n, h, w, c] → [n, 2c]: each channel's maximum, then each one's mean. */
  adaptiveConcatPool2d(config: { name: string }): Layer;
  /** Each pixel of images [n, h, w, c] becomes a rectangle of `size` [down, across] pixels. */
  upSampling2d(config: { size: [number, number]; name: string }): Layer;
  /** relu6(x + 3)/6. */
  hardSigmoid(config: { name: string }): Layer;
  /** x · relu6(x + 3)/6. */
  hardSwish(config: { name: string }): Layer;
  /** What `dropout` layers draw from. */
  seed: StepSeed;
}

/** The program itself: what engines ask for that keep nothing. */
export const madeOf = (program: Program | ProgramOutline): Program => ('make' in program ? program.make() : program);

/** A tensor library on a device. A process has one. */
export interface Engine {
  readonly name: EngineName;
  /** The library's own version, such as TensorFlow's. */
  readonly version: string;
  /** `cpu:0` or `gpu:0`: the device of this process. */
  readonly device: string;
  readonly tf: TensorFlow;
  readonly kernels: Kernels;
  readonly layers: EngineLayers;
  /**
   * Makes a program ready to run, an outline's if it has to. The program's variables hold its first values; from then on the run owns them. Where
   * a function cannot be compiled the run is eager, and its `mode` says why.
   * @throws OnecycleError `unsupported_by_engine` when a function needs a kernel that the engine lacks; nothing has run
   *   then.
   */
  build(program: Program | ProgramOutline): Run;
  /**
   * Says what the next outline that is built will be for, in words that are the same the next time; the engine may make
   * ready what that took last time, beside other work. It is only a guess: what is built is what is asked for then.
   */
  expect?(what: JsonObject): void;
  /** How many tensors and compiled graphs there are: as many as at its start once every run is disposed of. */
  held(): number;
}
