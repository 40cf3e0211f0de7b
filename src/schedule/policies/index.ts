/** fastai's recipes: a policy's arguments, checked and turned into phases. */
import { type FieldProblem, OnecycleError } from '../../errors.js';
import { type Check, type Checks, isObject, objectOf, problem } from '../check.js';
import type { PhasePlan, PolicyName, PolicySpec } from '../types.js';
import { fineTuneChecks, planFineTune } from './fine-tune.js';
import { fitFlatCosChecks, planFitFlatCos } from './fit-flat-cos.js';
import { fitOneCycleChecks, planFitOneCycle } from './fit-one-cycle.js';
import { checkSgdrLength, fitSgdrChecks, planFitSgdr, sgdrEpochs } from './fit-sgdr.js';
import { type Context, fitChecks, planFit, type PlanContext } from './fit.js';
import { planLrFind } from './lr-find.js';
import { checkRange, lrFindArguments } from './rate.js';

export type { PlanContext } from './fit.js';

interface Arguments {
  checks: Checks;
  required: readonly string[];
  /** What is wrong of several arguments together. */
  together?: (policy: Record<string, unknown>) => FieldProblem[];
}

const policyArguments: Record<PolicyName, Arguments> = {
  fit: { checks: fitChecks, required: ['n_epoch'], together: (policy) => checkStart(policy, policy.n_epoch) },
  fit_one_cycle: {
    checks: fitOneCycleChecks,
    required: ['n_epoch'],
    together: (policy) => checkStart(policy, policy.n_epoch),
  },
  fit_flat_cos: {
    checks: fitFlatCosChecks,
    required: ['n_epoch'],
    together: (policy) => checkStart(policy, policy.n_epoch),
  },
  fit_sgdr: { checks: fitSgdrChecks, required: ['n_cycles', 'cycle_len'], together: checkSgdr },
  fine_tune: { checks: fineTuneChecks, required: ['epochs'], together: (policy) => checkStart(policy, policy.epochs) },
  lr_find: { checks: lrFindArguments, required: [], together: (policy) => checkRange(policy, '') },
};

export const policyNames = [
  'fit',
  'fit_one_cycle',
  'fit_flat_cos',
  'fit_sgdr',
  'fine_tune',
  'lr_find',
] as const satisfies PolicyName[];

function checkStart(policy: Record<string, unknown>, n_epoch: unknown): FieldProblem[] {
  const { start_epoch } = policy;
  return typeof start_epoch === 'number' && typeof n_epoch === 'number' && start_epoch >= n_epoch
    ? problem('/start_epoch', `must be below the number of epochs, ${n_epoch}: nothing would be trained`)
    : [];
}

function checkSgdr(policy: Record<string, unknown>): FieldProblem[] {
  const problems = checkSgdrLength(policy);
  const { n_cycles, cycle_len, cycle_mult = 2 } = policy;
  if (
    problems.length > 0 ||
    typeof n_cycles !== 'number' ||
    typeof cycle_len !== 'number' ||
    typeof cycle_mult !== 'number'
  )
    return problems;
  return checkStart(policy, sgdrEpochs({ n_cycles, cycle_len, cycle_mult }));
}

/**
 * Everything that is wrong with a policy for a model of so many parameter groups; none: it can be planned, once a rate of the form
 * `{"lr_find": …}` is replaced by its number. Takes any JSON. Pointers are relative to the policy.
 */
export function checkPolicy(policy: unknown, groups: number): FieldProblem[] {
  const name = isObject(policy) ? policyNames.find((known) => known === policy.name) : undefined;
  if (!isObject(policy) || name === undefined) return problem('/name', `must be one of ${policyNames.join(', ')}`);
  const { checks, required, together } = policyArguments[name];
  const problems = objectOf({ name: nothing, ...checks }, required)(policy, '', groups);
  const more = together?.(policy) ?? [];
  return [...problems, ...more.filter(({ pointer }) => !problems.some((known) => known.pointer === pointer))];
}

const nothing: Check = () => [];

/**
 * What a policy does, phase by phase. Throws `invalid_spec` with everything that `checkPolicy` finds, and where a rate still waits
 * for a finder.
 */
export function planPolicy(policy: PolicySpec, context: PlanContext): PhasePlan[] {
  const problems = checkPolicy(policy, context.groups);
  if (problems.length > 0)
    throw new OnecycleError(
      'invalid_spec',
      `The policy cannot be run: ${problems[0].pointer} ${problems[0].detail}`,
      problems,
    );
  const filled = fill(context);
  switch (policy.name) {
    case 'fit':
      return planFit(policy, filled);
    case 'fit_one_cycle':
      return planFitOneCycle(policy, filled);
    case 'fit_flat_cos':
      return planFitFlatCos(policy, filled);
    case 'fit_sgdr':
      return planFitSgdr(policy, filled);
    case 'fine_tune':
      return planFineTune(policy, filled);
    case 'lr_find':
      return planLrFind(policy, filled);
  }
}

function fill({ groups, batchesPerEpoch, lr = 1e-3, moms = [0.95, 0.85, 0.95], frozenTo }: PlanContext): Context {
  if (!(batchesPerEpoch >= 1)) throw new OnecycleError('invalid_spec', 'An epoch must have at least one batch');
  const frozen_to = frozenTo === undefined ? null : frozenTo < 0 ? groups + frozenTo : frozenTo;
  return { groups, batchesPerEpoch, lr, moms, frozen_to };
}
