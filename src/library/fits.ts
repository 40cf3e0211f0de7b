/** How a script's calls of a Learner's methods become fits. */
import { OnecycleError } from '../errors.js';
import { planFor, runPhases, type Callback, type Learner, type LrFindResult } from '../learner/index.js';
import { finderPolicy, normaliseRate } from '../request/finder.js';
import { isFromLrFind, learnerDefaults, type PolicyName, type PolicySpec, type SpecOf } from '../schedule/index.js';
import { callOf } from './arguments.js';
import { inScriptsNames } from './naming.js';
import type { Recorder } from './recorder.js';

/** A Learner whose fits are a script's. */
type ScriptLearner = Learner & { recorder: Recorder };

/** A method, and what it was called with. */
export interface MethodCall {
  /** fastai's name in camelCase. */
  method: string;
  policy: PolicyName;
  /** The arguments that stand first, as a job names them. */
  before: object;
  /** The others by name, or the rate alone. */
  args: unknown;
  /** The job's name of that rate. */
  rate?: string;
}

/**
 * Runs a fit; `logging` is beside the callbacks of the call.
 * @throws OnecycleError `invalid_spec` with everything that is wrong, before anything is trained; `no_suggestion` where
 *   a finder that the rate asks for suggests none
 */
export async function runFit(
  learn: ScriptLearner,
  { method, policy: name, before, args, rate }: MethodCall,
  logging: readonly Callback[],
): Promise<void> {
  await inScriptsNames(method, async () => {
    const { policy, callbacks } = callOf(name, before, args, rate);
    const known = await withFoundRate(learn, policy, logging);
    await runPhases(learn, planFor(learn, known), { callbacks: [...logging, ...callbacks] });
  });
}

/** Runs a finder, and keeps its curve to be plotted. @throws OnecycleError `invalid_spec` as `runFit` */
export function runLrFind(learn: ScriptLearner, args: unknown, logging: readonly Callback[]): Promise<LrFindResult> {
  return inScriptsNames('lrFind', async () => {
    const { policy, callbacks } = callOf('lr_find', {}, args);
    return findRate(learn, policy as SpecOf<'lr_find'>, [...logging, ...callbacks]); // the name says so
  });
}

async function findRate(
  learn: ScriptLearner,
  policy: SpecOf<'lr_find'>,
  callbacks: readonly Callback[],
): Promise<LrFindResult> {
  const phases = planFor(learn, policy);
  const found = await runPhases(learn, phases, { callbacks, suggestions: policy.suggest_funcs });
  if (found === null) throw new Error('The plan of lr_find has no finder');
  learn.recorder.keepFinder(policy, found);
  return found;
}

/** Where the rate is `{lr_find: 'valley'}`, a finder runs first. */
async function withFoundRate(
  learn: ScriptLearner,
  given: PolicySpec,
  callbacks: readonly Callback[],
): Promise<PolicySpec> {
  const { policy, finder } = normaliseRate(given);
  if (!finder) return policy;
  const at = (lr: number): PolicySpec => {
    const rates = Object.entries(policy).map(([name, value]): [string, unknown] => [
      name,
      isFromLrFind(value) ? lr : value,
    ]);
    return Object.fromEntries(rates) as PolicySpec; // a number is one of the forms of a rate
  };
  planFor(learn, at(learnerDefaults.lr)); // what else is wrong is said before the finder runs
  const found = await findRate(learn, finderPolicy(finder) as SpecOf<'lr_find'>, callbacks); // its name
  const lr = found.suggestions[finder.suggestion] ?? null;
  if (lr === null)
    throw new OnecycleError(
      'no_suggestion',
      `${finder.suggestion} ${found.reasons[finder.suggestion] ?? 'has no point'}`,
    );
  return at(lr);
}
