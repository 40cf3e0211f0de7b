import * as tf from '@tensorflow/tfjs';
import type { Kernels, Layer } from '../engine.js';
import { batchNormalization } from './batch-normalization.js';
import { dropout, type StepSeed } from './dropout.js';
import { LowestPadding2D } from './lowest-padding.js';

export type { StepSeed } from './dropout.js';

/** Layers that TensorFlow.js has not, or has slowly or with random numbers of its own. */
export interface EngineLayers {
  batchNormalization(config: { epsilon: number; momentum: number; name: string }): Layer;
  dropout(config: { rate: number; stream: number; name: string }): Layer;
  lowestPadding2d(config: { padding: number; name: string }): Layer;
  seed: StepSeed;
}

/** Makes an engine's layers, and registers them under their Keras class names, so that a model that is loaded gets them too. */
export function createLayers(kernels: Kernels): EngineLayers {
  const seed: StepSeed = { current: null };
  const BatchNormalization = batchNormalization(kernels);
  const Dropout = dropout(kernels, seed);
  for (const layer of [BatchNormalization, Dropout, LowestPadding2D]) tf.serialization.registerClass(layer);
  return {
    batchNormalization: (config) => new BatchNormalization(config),
    dropout: (config) => new Dropout(config),
    lowestPadding2d: (config) => new LowestPadding2D(config),
    seed,
  };
}
