import { Type } from 'typebox';
import { type FieldProblem, OnecycleError } from '../errors.js';
import { problemsOf } from '../schema/check.js';
import { optional, strict } from '../schema/fields.js';
import { hyperNames, type HyperName } from '../schema/hypers.js';
import { checkPolicy, planPolicy, PolicySchema, previewGroups, type PolicySpec } from './policies/index.js';
import type { PhasePlan } from './types.js';

/**
 * The hypers that a phase sets or drives at its iteration i (those of skipped epochs included), one value per group.
 */
export function hypersAt(phase: PhasePlan, i: number): Partial<Record<HyperName, number[]>> {
  const hypers = { ...phase.set };
  for (const name of hyperNames) {
    const schedules = phase.schedules[name];
    if (schedules) hypers[name] = schedules.map((schedule) => schedule(i / phase.n_position));
  }
  return hypers;
}

/** One row per parameter group, one value per iteration that is trained. */
export type Curves = Partial<Record<HyperName, number[][]>>;

/** What a run of these phases records of its hypers, where nothing stops it before. */
export function curves(phases: readonly PhasePlan[]): Curves {
  const result: Curves = {};
  for (const phase of phases) {
    const skipped = phase.lr_find ? 0 : (phase.n_position * phase.start_epoch) / phase.n_epoch;
    for (let i = 0; i < phase.n_iteration; i++) append(result, hypersAt(phase, skipped + i));
  }
  return result;
}

function append(result: Curves, hypers: Partial<Record<HyperName, number[]>>): void {
  for (const name of hyperNames) {
    const values = hypers[name];
    if (!values) continue;
    const rows = (result[name] ??= values.map(() => []));
    values.forEach((value, group) => rows[group].push(value));
  }
}

/** What a run records of its hypers, and its phases. */
export interface Preview {
  hypers: Curves;
  phases: { phase: number; n_epoch: number; n_iteration: number; frozen_to: number }[];
}

const maxIterations = 100_000;
const maxGroups = 1000;
/** Of each hyper, over all groups: what an answer can hold. */
const maxValues = 200_000;

const size = {
  n_iteration: optional(
    Type.Integer({
      minimum: 1,
      maximum: maxIterations,
      description:
        'Iterations over all phases; for `lr_find` it is `num_it`. ' +
        `At most ${maxValues} divided by the number of parameter groups`,
    }),
  ),
  param_groups: optional(
    Type.Integer({
      minimum: 1,
      maximum: maxGroups,
      description: 'Parameter groups of the model; left out: 1, and 2 for `fine_tune`',
    }),
  ),
};
const PreviewSize = strict(size);

/** The body of POST /schedules/preview. */
export const PreviewRequest = strict(
  { policy: PolicySchema, ...size },
  {
    title: 'PreviewRequest',
    examples: [{ policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 }, n_iteration: 100 }],
  },
);

/**
 * Every hyper's curve over `n_iteration` iterations of all phases together, without training: what a run of that length
 * records. Schedules are functions of position, so that any length has its curves; it is shared out among the phases by
 * their epochs. `lr_find` has its own length: `n_iteration` is `num_it` where that is not given, and may else be left
 * out or must be the same.
 * @throws OnecycleError `invalid_spec` with pointers into the request's body: `/policy/…`, `/n_iteration`,
 * `/param_groups`
 */
export function previewPolicy(policy: PolicySpec, size: { n_iteration?: number; groups?: number }): Preview {
  const { n_iteration, groups = previewGroups(policy) } = size;
  refuse([...sizeProblems(policy, n_iteration, groups), ...inPolicy(checkPolicy(policy, groups))]);
  const plan = planOf(policy, n_iteration, groups);
  refuse(lengthProblems(plan, n_iteration, groups));
  const phases = stretch(plan, n_iteration);
  return {
    hypers: curves(phases),
    phases: phases.map(({ n_epoch, n_iteration, frozen_to }, phase) => ({
      phase,
      n_epoch,
      n_iteration,
      frozen_to: frozen_to ?? 0,
    })),
  };
}

function planOf(policy: PolicySpec, n_iteration: number | undefined, groups: number): PhasePlan[] {
  const finder = policy.name === 'lr_find';
  const sized = finder ? { ...policy, num_it: policy.num_it ?? n_iteration } : policy;
  try {
    return planPolicy(sized, { groups, batchesPerEpoch: finder ? maxIterations : 1 });
  } catch (error) {
    if (error instanceof OnecycleError)
      throw new OnecycleError(error.code, error.message, inPolicy(error.problems), { cause: error });
    throw error;
  }
}

/**
 * The phases, planned with one batch per epoch, at the length that is asked for: each gets its share, and one iteration
 * at least.
 */
function stretch(phases: PhasePlan[], n_iteration: number | undefined): PhasePlan[] {
  if (n_iteration === undefined || phases[0].lr_find) return phases;
  const epochs = phases.map((phase) => phase.n_iteration);
  const all = epochs.reduce((sum, n) => sum + n, 0);
  let left = n_iteration;
  return phases.map((phase, k) => {
    const after = phases.length - 1 - k;
    const share = after === 0 ? left : Math.min(left - after, Math.max(1, Math.round((n_iteration * epochs[k]) / all)));
    left -= share;
    return { ...phase, n_iteration: share, n_position: (share * phase.n_epoch) / epochs[k] };
  });
}

/** Only the finder has a length of its own. */
const sizeProblems = (policy: PolicySpec, n_iteration: number | undefined, param_groups: number): FieldProblem[] =>
  policy.name !== 'lr_find' && n_iteration === undefined
    ? [{ pointer: '/n_iteration', detail: 'is required: iterations over all phases' }]
    : problemsOf(PreviewSize, { n_iteration, param_groups });

function lengthProblems(phases: readonly PhasePlan[], n_iteration: number | undefined, groups: number): FieldProblem[] {
  const finder = phases[0].lr_find;
  const length = n_iteration ?? finder?.num_it ?? 0;
  if (finder && length !== finder.num_it)
    return [{ pointer: '/n_iteration', detail: `must be the finder's num_it, ${finder.num_it}, or be left out` }];
  const pointer = finder ? '/policy/num_it' : '/n_iteration';
  if (!finder && length < phases.length)
    return [{ pointer, detail: `must be at least ${phases.length}, one for each phase` }];
  const most = Math.min(maxIterations, Math.floor(maxValues / groups));
  return length > most ? [{ pointer, detail: `must be at most ${most}` }] : [];
}

const inPolicy = (problems: readonly FieldProblem[]): FieldProblem[] =>
  problems.map(({ pointer, detail }) => ({ pointer: `/policy${pointer}`, detail }));

function refuse(problems: FieldProblem[]): void {
  if (problems.length > 0)
    throw new OnecycleError(
      'invalid_spec',
      `The preview cannot be made: ${problems[0].pointer} ${problems[0].detail}`,
      problems,
    );
}
