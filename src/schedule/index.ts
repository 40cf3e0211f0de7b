/**
 * fastai's `callback.schedule` without the training: annealers, recipes, previews and suggestions. Imports no engine.
 */
export * from './annealers.js';
export * from './combine.js';
export { findings, type Findings } from './findings.js';
export { FromLrFind } from './finder.js';
export {
  checkPolicy,
  learnerDefaults,
  planPolicy,
  policyNames,
  PolicySchema,
  type PlanContext,
  type PolicyName,
  type PolicySpec,
  type SpecOf,
} from './policies/index.js';
export * from './preview.js';
export { isFromLrFind, Rate } from './rate.js';
export { groupSchedules, scheduleOf, ScheduleSchema, type ScheduleSpec } from './schedule.js';
export * from './suggestions.js';
export * from './types.js';
export { hyperNames, type HyperName } from '../schema/hypers.js';
