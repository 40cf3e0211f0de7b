/** What a policy is: its schema, its checks that need context, and its plan. */
import type { Static, TObject } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { problemsOf } from '../../schema/check.js';
import { complete, type Complete } from '../../schema/complete.js';
import { child, type JsonObject } from '../../schema/json.js';
import type { PhasePlan } from '../types.js';

/** fastai's defaults of the Learner's own arguments, which policies fall back on. */
export const learnerDefaults: { lr: number; moms: [number, number, number] } = { lr: 1e-3, moms: [0.95, 0.85, 0.95] };

/** What a policy's arguments are to be turned into numbers with. */
export interface PlanContext {
  /** Parameter groups of the model. */
  groups: number;
  /** Training batches of an epoch. */
  batchesPerEpoch: number;
  /** The Learner's own rate, where a policy is given none: fastai's default is 0.001. */
  lr?: number;
  /** The Learner's momenta for one-cycle: fastai's default is 0.95, 0.85, 0.95. */
  moms?: readonly [number, number, number];
  /** What the Learner has frozen (fastai's `freeze_to`, negative from the end); left out, phases leave it as it is. */
  frozenTo?: number;
}

/** The context with the Learner's defaults filled in. */
export interface Context {
  groups: number;
  batchesPerEpoch: number;
  lr: number;
  moms: [number, number, number];
  frozen_to: number | null;
}

interface Parts<S extends TObject> {
  schema: S;
  /** Arguments that are the Learner's where the policy has none: before the schema's defaults. */
  fromLearner?: (learner: Pick<Context, 'lr' | 'moms'>) => Partial<Static<S>>;
  /** What is wrong for so many groups. Arguments that their own schema refuses, or that are missing, are left out. */
  check: (policy: Partial<Complete<S>>, groups: number) => FieldProblem[];
  /** Checks of single arguments that see more than their schema does, and stand in its place. They take any JSON. */
  inDepth?: Readonly<Record<string, (value: unknown, pointer: string, groups: number) => FieldProblem[]>>;
  plan: (policy: Complete<S>, context: Context) => PhasePlan[];
  /** Parameter groups of a preview that names no number of them; 1 if left out. */
  previewGroups?: number;
}

/** A policy, as the table lists it. */
export interface Policy<S extends TObject> {
  readonly schema: S;
  readonly previewGroups: number;
  /** Everything that is wrong with the policy for so many groups. Takes any object; pointers are relative to it. */
  check(policy: JsonObject, groups: number): FieldProblem[];
  /**
   * The phases of a policy that passed its check.
   * @throws OnecycleError `invalid_spec` where a rate waits for a finder
   */
  plan(policy: Static<S>, context: Context): PhasePlan[];
}

/** A policy from its parts. */
export function definePolicy<S extends TObject>(parts: Parts<S>): Policy<S> {
  const { schema, fromLearner, check, inDepth = {}, plan, previewGroups = 1 } = parts;
  return {
    schema,
    previewGroups,
    check(policy, groups) {
      const deep = Object.keys(inDepth).filter((name) => policy[name] !== undefined);
      const problems = [
        ...problemsOf(schema, policy).filter(({ pointer }) => !deep.some((name) => isBelow(pointer, name))),
        ...deep.flatMap((name) => inDepth[name](policy[name], child('', name), groups)),
      ];
      const sound = withoutWrong(complete(schema, policy as Static<S>), problems);
      return onePerPointer([...problems, ...check(sound, groups)]);
    },
    plan(policy, context) {
      const given = Object.entries(policy as object).filter(([, value]) => value !== undefined);
      // Both hold arguments of the schema.
      const filled = { ...fromLearner?.(context), ...Object.fromEntries(given) } as Static<S>;
      return plan(complete(schema, filled), context);
    },
  };
}

const isBelow = (pointer: string, name: string): boolean => `${pointer}/`.startsWith(`${child('', name)}/`);

function onePerPointer(problems: readonly FieldProblem[]): FieldProblem[] {
  const pointers = problems.map(({ pointer }) => pointer);
  return problems.filter(({ pointer }, i) => pointers.indexOf(pointer) === i);
}

function withoutWrong<P extends object>(policy: P, problems: readonly FieldProblem[]): Partial<P> {
  const right = Object.entries(policy).filter(([name]) => !problems.some(({ pointer }) => isBelow(pointer, name)));
  return Object.fromEntries(right) as Partial<P>; // some of its entries
}
