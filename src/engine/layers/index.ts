import * as tf from '@tensorflow/tfjs';
import type { EngineLayers, Kernels, StepSeed } from '../contract.js';
import { AdaptiveConcatPool2D } from './adaptive-concat-pool.js';
import { batchNormalization } from './batch-normalization.js';
import { Columns } from './columns.js';
import { dropout } from './dropout.js';
import { GroupNormalization } from './group-normalization.js';
import { HardSigmoid, HardSwish } from './hard-activations.js';
import { LowestPadding2D } from './lowest-padding.js';
import { UpSampling2D } from './up-sampling.js';

/** Makes an engine's layers, and registers them under their Keras class names, so that loaded models get them too. */
export function createLayers(kernels: Kernels): EngineLayers {
  const seed: StepSeed = { current: null };
  const BatchNormalization = batchNormalization(kernels);
  const Dropout = dropout(kernels, seed);
  const plain = [
    Columns,
    LowestPadding2D,
    GroupNormalization,
    AdaptiveConcatPool2D,
    HardSigmoid,
    HardSwish,
    UpSampling2D,
  ];
  for (const layer of [BatchNormalization, Dropout, ...plain]) tf.serialization.registerClass(layer);
  return {
    batchNormalization: (config) => new BatchNormalization(config),
    columns: (config) => new Columns(config),
    dropout: (config) => new Dropout(config),
    lowestPadding2d: (config) => new LowestPadding2D(config),
    groupNormalization: (config) => new GroupNormalization(config),
    adaptiveConcatPool2d: (config) => new AdaptiveConcatPool2D(config),
    upSampling2d: (config) => new UpSampling2D(config),
    hardSigmoid: (config) => new HardSigmoid(config),
    hardSwish: (config) => new HardSwish(config),
    seed,
  };
}
