/** The learner as a library: fastai's loop on any engine, without a server. */
export { BatchLoader, loadDataset, parseInline, splitRows, type Dataset } from '../data/index.js';
export { loadEngine, type Engine } from '../engine/index.js';
export { planModel } from '../models/index.js';
export { completeOptimizer, type OptimizerSpec } from '../optimizer/index.js';
export * from './callbacks/index.js';
export * from './events.js';
export { Learner, type LearnerOptions, type LearnerSnapshot } from './learner.js';
export * from './policies.js';
export { Recorder, SmoothLoss, type BatchRecord, type EpochRecord } from './callbacks/recorder.js';
export { loadState, stateFile, weightsFile } from './state.js';
