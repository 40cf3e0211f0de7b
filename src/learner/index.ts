/** The learner as a library: fastai's loop on any engine, without a server. */
export { BatchLoader, loadDataset, parseInline, splitRows, type Dataset } from '../data/index.js';
export { loadEngine, type Engine } from '../engine/index.js';
export { planModel } from '../models/index.js';
export { completeOptimizer, type OptimizerSpec } from '../optimizer/index.js';
export * from './callbacks/index.js';
export {
  Checkpointer,
  checkpointReasons,
  type CheckpointReason,
  type CheckpointSink,
} from './callbacks/checkpointer.js';
export { Finisher, type Finish } from './callbacks/finisher.js';
export { makeCallbacks, type MadeCallbacks } from './callbacks/make.js';
export { Recorder } from './callbacks/recorder.js';
export { Stopwatch, type Throughput } from './callbacks/stopwatch.js';
export { checkpointFile, readCheckpoint, type ReadCheckpoint } from './checkpoint-file.js';
export * from './events.js';
export type { StepOptions } from './gradients.js';
export { Learner, type LearnerOptions } from './learner.js';
export type { LossName } from './losses/index.js';
export type { MetricName } from './metrics/index.js';
export * from './policies.js';
export type { BatchRecord, EpochRecord } from './records.js';
export { SmoothLoss } from './smooth-loss.js';
export { loadState, stateFile, weightsFile } from './state.js';
export type { CallbackState, Checkpoint, LearnerSnapshot, LearnerView, Position, Recording, Standing } from './view.js';
