/** fastai's `callback.schedule` without the training: annealers, recipes, previews and suggestions. Imports no engine. */
export * from './annealers.js';
export * from './combine.js';
export { findings, type Findings } from './findings.js';
export { checkPolicy, planPolicy, policyNames, type PlanContext } from './policies/index.js';
export * from './preview.js';
export { checkSchedules, groupSchedules, scheduleOf } from './spec.js';
export * from './suggestions.js';
export * from './types.js';
