import * as tf from '@tensorflow/tfjs';
import type { EngineLayers, Kernels, StepSeed } from '../contract.js';
import { batchNormalization } from './batch-normalization.js';
import { Columns } from './columns.js';
import { dropout } from './dropout.js';
import { LowestPadding2D } from './lowest-padding.js';

/** Makes an engine's layers, and registers them under their Keras class names, so that loaded models get them too. */
export function createLayers(kernels: Kernels): EngineLayers {
  const seed: StepSeed = { current: null };
  const BatchNormalization = batchNormalization(kernels);
  const Dropout = dropout(kernels, seed);
  for (const layer of [BatchNormalization, Columns, Dropout, LowestPadding2D]) tf.serialization.registerClass(layer);
  return {
    batchNormalization: (config) => new BatchNormalization(config),
    columns: (config) => new Columns(config),
    dropout: (config) => new Dropout(config),
    lowestPadding2d: (config) => new LowestPadding2D(config),
    seed,
  };
}
