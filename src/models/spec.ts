/**
 * One layer of a model, as clients write it. A layer takes the output of the one before it unless `inputs` names others.
 * Left out, `stride` is 1 (a pool's: its size), `padding` 'valid', `use_bias` true, `eps` 1e-5, and `momentum` 0.9 (what the running
 * statistics keep at each step, as TensorFlow counts it; PyTorch calls that 0.1). A number as padding is that many on each side, as in PyTorch.
 * `init` is 'pytorch', how PyTorch's layers start; 'kaiming_normal' draws kernels so (√(2/fan_in)), biases at 0. `zero_gamma` starts gamma at 0, not 1.
 */
export type LayerSpec = (
  | { type: 'dense'; units: number; use_bias?: boolean; init?: Init }
  | {
      type: 'conv2d';
      filters: number;
      kernel: number;
      stride?: number;
      padding?: 'same' | 'valid' | number;
      use_bias?: boolean;
      init?: Init;
    }
  | { type: 'batch_norm'; eps?: number; momentum?: number; zero_gamma?: boolean }
  | { type: 'relu' }
  | { type: 'max_pool'; size: number; stride?: number; padding?: 'same' | 'valid' | number }
  | { type: 'avg_pool'; size: number; stride?: number; padding?: 'same' | 'valid' | number }
  | { type: 'global_avg_pool' }
  | { type: 'flatten' }
  | { type: 'reshape'; shape: number[] }
  | { type: 'dropout'; rate: number }
  | { type: 'add' }
) & {
  /** Indexes of the layers whose outputs go in (`-1` is the model's input): for branches that `add` joins. */
  inputs?: number[];
};

export const inits = ['pytorch', 'kaiming_normal'] as const;
export type Init = (typeof inits)[number];

export type LayerType = LayerSpec['type'];

export type ParameterName = 'kernel' | 'bias' | 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';

/** A tensor that a model holds. Kernels are [in, out] and [height, width, in, out], as in TensorFlow. */
export interface ParameterSpec {
  /** Index of its layer. */
  layer: number;
  name: ParameterName;
  shape: number[];
  /** fastai treats them apart: no weight decay on `bias` and `norm`, `norm` trains when frozen, `statistic` is not trained at all. */
  kind: 'weight' | 'bias' | 'norm' | 'statistic';
}

/** Given weights, by layer: `value` is nested, rows first, in `ParameterSpec`'s shape. */
export interface GivenWeight {
  layer: number;
  name: ParameterName;
  value: NestedNumbers;
}
export type NestedNumbers = number | NestedNumbers[];

/** A model with every shape known: what the engine builds and what checks run against. Pure data. */
export interface ModelPlan {
  layers: LayerSpec[];
  /** Of one row, without the batch. */
  input_shape: number[];
  output_shape: number[];
  /** Of each layer's output, without the batch. */
  layer_shapes: number[][];
  /** All parameters in the order of the layers; within a layer in the order kernel, bias or gamma, beta, moving_mean, moving_variance. */
  parameters: ParameterSpec[];
  /** Indexes of layers, one list a parameter group, first group first; every layer with parameters is in exactly one. */
  param_groups: number[][];
}
