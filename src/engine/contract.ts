import type * as tf from '@tensorflow/tfjs';

/** TensorFlow.js with this engine as its backend. Models, losses and optimizers are written with it. */
export type TensorFlow = typeof tf;
export type Tensor = tf.Tensor;
export type Variable = tf.Variable;
export type LayersModel = tf.LayersModel;
export type SymbolicTensor = tf.SymbolicTensor;
export type Layer = tf.layers.Layer;

/** What crosses from JavaScript to the device and back. Bytes cross as they are and are cast on the device. */
export type TensorValues = Float32Array | Int32Array | Uint8Array;
export interface TensorSpec {
  shape: number[];
  dtype: 'float32' | 'int32' | 'uint8';
}

/**
 * One thing that a run does, over its variables: a training step, an evaluation.
 * The body may be called once and recorded, so it must not look at values (`dataSync`) or draw random numbers of its own,
 * and it changes variables through `Kernels` only.
 */
export interface StepFunction {
  inputs: TensorSpec[];
  body: (inputs: Tensor[]) => Tensor[];
}

/** Variables with their first values, and everything that will be done with them, known before the run starts. */
export interface Program {
  variables: Variable[];
  functions: Record<string, StepFunction>;
}

/** A program on a device. It owns the variables' values; they leave it by `read` only. */
export interface Run {
  /** Whether a call is one native call (`compiled`), or kernel by kernel (`eager`) and why. */
  readonly mode: { name: 'compiled' } | { name: 'eager'; reason: string };
  /** Calls a function with its inputs' values, and returns its outputs'. */
  call(name: string, inputs: TensorValues[]): Float32Array[];
  /** Copies of the variables' values, exact to the bit. */
  read(): Float32Array[];
  /** Sets the variables, exact to the bit; lengths must fit. */
  write(values: readonly Float32Array[]): void;
  dispose(): void;
}

/** Scalars of one Adam step in TensorFlow's terms (`ResourceApplyAdam`), and what the variable is multiplied by before it. */
export interface AdamScalars {
  lr: Tensor;
  beta1: Tensor;
  beta2: Tensor;
  beta1Power: Tensor;
  beta2Power: Tensor;
  epsilon: Tensor;
  decay?: Tensor;
}

/** The operations that TensorFlow.js has not, or has slowly; each engine brings its fastest. */
export interface Kernels {
  /** Cross-entropy of each row, [rows, classes] logits against [rows] int32 labels → [rows]; differentiable by the logits. */
  sparseSoftmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor;
  /** Batch norm by the batch's own statistics over the last axis of [n, h, w, c]; `variance` is unbiased, as PyTorch keeps it. */
  batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): { y: Tensor; mean: Tensor; variance: Tensor };
  /** Uniform numbers in [0, 1) that depend on nothing but the shape and the two int32 numbers of `seed`. */
  statelessUniform(shape: number[], seed: Tensor): Tensor;
  /** variable ← value */
  assign(variable: Variable, value: Tensor): void;
  applyGradientDescent(variable: Variable, gradient: Tensor, lr: Tensor): void;
  /** accumulator ← mom·accumulator + gradient; variable ← variable − lr·accumulator */
  applyMomentum(variable: Variable, accumulator: Variable, gradient: Tensor, lr: Tensor, mom: Tensor): void;
  applyAdam(variable: Variable, m: Variable, v: Variable, gradient: Tensor, scalars: AdamScalars): void;
}

/** What random layers draw from in the present step: (seed, iteration), fed like a batch. */
export interface StepSeed {
  /** int32 [2]; null outside of a training step. */
  current: Tensor | null;
}

/** Layers that TensorFlow.js has not, or has slowly or with random numbers of its own. */
export interface EngineLayers {
  batchNormalization(config: { epsilon: number; momentum: number; name: string }): Layer;
  dropout(config: { rate: number; stream: number; name: string }): Layer;
  lowestPadding2d(config: { padding: number; name: string }): Layer;
  seed: StepSeed;
}

/** A tensor library on a device. */
export interface Engine {
  readonly name: 'tensorflow' | 'wasm';
  readonly version: string;
  /** `cpu:0`, `gpu:0` */
  readonly device: string;
  readonly tf: TensorFlow;
  readonly kernels: Kernels;
  readonly layers: EngineLayers;
  /**
   * Makes a program ready to run. The program's variables hold its first values; from then on the run owns them.
   * @throws OnecycleError `unsupported_by_engine` when a function needs a kernel that the engine lacks; nothing has run then.
   */
  build(program: Program): Run;
}
