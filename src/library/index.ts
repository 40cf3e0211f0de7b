/** `onecycle/learner`: fastai's Learner on any engine, in a script, without a server. */
export * from '../learner/index.js';
export { OnecycleError, type ErrorCode, type FieldProblem } from '../errors.js';
export type { Answer } from '../models/index.js';
export type { ArgumentsOf, CallbackOption, RateOr } from './arguments.js';
export { LRFinder, type LRFinderOptions } from './lr-finder.js';
export type { DataFile, DataOption, Row, RowsInMemory } from './data.js';
export { loadEngine, type EngineChoice } from './engine.js';
export { exportFormats, type ExportFormat } from './export.js';
export { Learner, type Found } from './learner.js';
export type { LearnerOptions } from './learner-options.js';
export type { CreateOptions, ModelOption } from './options.js';
export { loadLearner, Predictor, type Input } from './predictor.js';
export { Recorder, type PlotLossOptions } from './recorder.js';
export type { Validation } from './validation.js';
