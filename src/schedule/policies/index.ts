/** fastai's recipes: a policy's arguments, checked and turned into phases. */
import { Type, type Static, type TObject } from 'typebox';
import { type FieldProblem, OnecycleError } from '../../errors.js';
import { isObject } from '../../schema/json.js';
import type { PhasePlan } from '../types.js';
import { type Context, learnerDefaults, type PlanContext, type Policy } from './define.js';
import { fineTune } from './fine-tune.js';
import { fitFlatCos } from './fit-flat-cos.js';
import { fitOneCycle } from './fit-one-cycle.js';
import { fitSgdr } from './fit-sgdr.js';
import { fit } from './fit.js';
import { lrFind } from './lr-find.js';

export { learnerDefaults, type PlanContext } from './define.js';

/** Every policy, by name: a new one is a file beside these and a line here. */
const policies = {
  fit,
  fit_one_cycle: fitOneCycle,
  fit_flat_cos: fitFlatCos,
  fit_sgdr: fitSgdr,
  fine_tune: fineTune,
  lr_find: lrFind,
};

/** The name of a policy. */
export type PolicyName = keyof typeof policies;

/** A policy with its arguments; those left out take fastai's defaults when the policy is planned. */
export type PolicySpec = SpecOf<PolicyName>;

/** One policy with its arguments. */
export type SpecOf<Name extends PolicyName> = { [N in Name]: Static<(typeof policies)[N]['schema']> }[Name];

/** All of them. */
export const policyNames = Object.keys(policies) as readonly PolicyName[];

const schemas: TObject[] = Object.values(policies).map(({ schema }) => schema);

/** Any policy with its arguments. What needs context, `checkPolicy` looks at. */
export const PolicySchema = Type.Unsafe<PolicySpec>(
  Type.Union(schemas, {
    title: 'Policy',
    description: "One of fastai's training policies. Arguments that are left out have fastai's defaults",
  }),
);

interface AnyPolicy extends Pick<Policy<TObject>, 'check' | 'previewGroups'> {
  plan(policy: PolicySpec, context: Context): PhasePlan[];
}
/** The policy of a name: for specs of that name alone. */
const named = (name: PolicyName): AnyPolicy => policies[name];

/** Parameter groups that a preview of the policy shows where none are asked for. */
export const previewGroups = ({ name }: PolicySpec): number => named(name).previewGroups;

/**
 * Everything that is wrong with a policy for a model of so many parameter groups; none: it can be planned, once a rate
 * of the form `{"lr_find": …}` is replaced by its number. Takes any JSON. Pointers are relative to the policy.
 */
export function checkPolicy(policy: unknown, groups: number): FieldProblem[] {
  const name = isObject(policy) ? policyNames.find((known) => known === policy.name) : undefined;
  if (!isObject(policy) || name === undefined)
    return [{ pointer: '/name', detail: `must be one of ${policyNames.join(', ')}` }];
  return named(name).check(policy, groups);
}

/**
 * What a policy does, phase by phase.
 * @throws OnecycleError `invalid_spec` with everything that `checkPolicy` finds, and where a rate still waits for a
 * finder
 */
export function planPolicy(policy: PolicySpec, context: PlanContext): PhasePlan[] {
  const problems = checkPolicy(policy, context.groups);
  if (problems.length > 0)
    throw new OnecycleError(
      'invalid_spec',
      `The policy cannot be run: ${problems[0].pointer} ${problems[0].detail}`,
      problems,
    );
  return named(policy.name).plan(policy, fill(context));
}

function fill(context: PlanContext): Context {
  const { groups, batchesPerEpoch, lr = learnerDefaults.lr, moms = learnerDefaults.moms, frozenTo } = context;
  if (!(batchesPerEpoch >= 1)) throw new OnecycleError('invalid_spec', 'An epoch must have at least one batch');
  const frozen_to = frozenTo === undefined ? null : frozenTo < 0 ? groups + frozenTo : frozenTo;
  return { groups, batchesPerEpoch, lr, moms: [...moms], frozen_to };
}
