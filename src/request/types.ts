/** The types of ./spec.ts under their old address: a bridge for what still imports from here. */
export type { DatasetSpec, JobSpec, ModelRequest, ModelSpec } from './spec.js';
export type { OptimizerSpec } from '../optimizer/spec.js';
export { suggestionNames } from '../schedule/types.js';
export type {
  FromLrFind,
  LearningRate,
  LrFindArguments,
  PolicySpec,
  ScheduleSpec,
  SuggestionName,
} from '../schedule/types.js';
