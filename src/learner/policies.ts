import { type PhasePlan, planPolicy, type PolicySpec, suggest, type SuggestionName } from '../schedule/index.js';
import { LRFinder } from './callbacks/lr-finder.js';
import { ParamScheduler } from './callbacks/param-scheduler.js';
import type { Callback } from './events.js';
import type { Learner } from './learner.js';

type ArgumentsOf<Name extends PolicySpec['name']> = Omit<Extract<PolicySpec, { name: Name }>, 'name'>;
interface Options {
  callbacks?: readonly Callback[];
}

/** Runs any policy, as a job's spec names it. @throws OnecycleError `invalid_spec` for arguments that don't fit */
export async function runPolicy(learn: Learner, policy: PolicySpec, { callbacks = [] }: Options = {}): Promise<void> {
  await runPhases(learn, planFor(learn, policy), callbacks);
}

/** Why a finder's curve ends. */
export type Stopped = LRFinder['stopped'];

/** Makes what phases need, all in one graph: what `runPhases` would else do first. */
export function preparePhases(learn: Learner, phases: readonly PhasePlan[]): void {
  learn.prepare(phases.map(({ frozen_to }) => frozen_to ?? learn.optimizer.frozenTo));
}

/** Runs planned phases one after another, compiled together. Returns why the last finder among them stopped: null if it was cancelled, or none was there. */
export async function runPhases(
  learn: Learner,
  phases: readonly PhasePlan[],
  callbacks: readonly Callback[] = [],
): Promise<Stopped> {
  preparePhases(learn, phases);
  let stopped: Stopped = null;
  for (const [index, phase] of phases.entries()) {
    learn.phase = index;
    stopped = await runPhase(learn, phase, callbacks);
  }
  return stopped;
}

async function runPhase(learn: Learner, phase: PhasePlan, callbacks: readonly Callback[]): Promise<Stopped> {
  if (phase.frozen_to !== null) learn.freezeTo(phase.frozen_to);
  if (phase.reset_opt) learn.resetOptimizer();
  for (const [name, values] of Object.entries(phase.set)) learn.optimizer.setHyper(name, values);
  const { lr_find: finder, schedules, n_position, n_epoch, start_epoch: startEpoch } = phase;
  const scheduler =
    finder === undefined
      ? new ParamScheduler(schedules, n_position)
      : new LRFinder(schedules.lr!, finder.num_it, finder.stop_div);
  await learn.fit(n_epoch, { callbacks: [scheduler, ...callbacks], startEpoch });
  return scheduler instanceof LRFinder ? scheduler.stopped : null;
}

/** The phases of a policy on this Learner: its groups, batches and defaults. `frozenTo`: what to freeze first, as `freeze_to` does. */
export function planFor(learn: Learner, policy: PolicySpec, frozenTo?: number): PhasePlan[] {
  const { lr, moms, data } = learn.options;
  const given = { ...(lr !== undefined && { lr }), ...(moms && { moms }), ...(frozenTo !== undefined && { frozenTo }) };
  return planPolicy(policy, { groups: learn.groups, batchesPerEpoch: data.train.batches, ...given });
}

/** fastai's `Learner.fit`, with schedules of one's own for any hyper. */
export const fit = (learn: Learner, args: ArgumentsOf<'fit'>, options?: Options) =>
  runPolicy(learn, { name: 'fit', ...args }, options);

/** fastai's `Learner.fit_one_cycle`: Smith's 1cycle policy. */
export const fitOneCycle = (learn: Learner, args: ArgumentsOf<'fit_one_cycle'>, options?: Options) =>
  runPolicy(learn, { name: 'fit_one_cycle', ...args }, options);

/** fastai's `Learner.fit_flat_cos`. */
export const fitFlatCos = (learn: Learner, args: ArgumentsOf<'fit_flat_cos'>, options?: Options) =>
  runPolicy(learn, { name: 'fit_flat_cos', ...args }, options);

/** fastai's `Learner.fit_sgdr`: Loshchilov and Hutter's warm restarts. */
export const fitSgdr = (learn: Learner, args: ArgumentsOf<'fit_sgdr'>, options?: Options) =>
  runPolicy(learn, { name: 'fit_sgdr', ...args }, options);

/** fastai's `Learner.fine_tune`: the head alone, then everything with discriminative rates. */
export const fineTune = (learn: Learner, args: ArgumentsOf<'fine_tune'>, options?: Options) =>
  runPolicy(learn, { name: 'fine_tune', ...args }, options);

/** What a learning-rate finder found. */
export interface LrFindResult {
  lrs: number[];
  /** Smoothed, as fastai plots them. */
  losses: number[];
  rawLosses: number[];
  suggestions: Partial<Record<SuggestionName, number | null>>;
  /** Why a suggestion is null. */
  reasons: Partial<Record<SuggestionName, string>>;
  stopped: Stopped;
}

/** fastai's `Learner.lr_find`. The Learner is afterwards bit for bit what it was. */
export async function lrFind(
  learn: Learner,
  args: ArgumentsOf<'lr_find'> = {},
  { callbacks = [] }: Options = {},
): Promise<LrFindResult> {
  const before = learn.recorder.batches.length;
  const phases = planFor(learn, { name: 'lr_find', ...args });
  const stopped = await runPhases(learn, phases, callbacks);
  const found = learn.recorder.batches.slice(before);
  const curve = { lrs: found.map(({ hypers }) => hypers.lr.at(-1)!), losses: found.map(({ loss }) => loss) };
  const numIt = phases[0].lr_find!.num_it;
  return {
    ...curve,
    rawLosses: found.map(({ raw_loss }) => raw_loss),
    ...suggest(curve, numIt, args.suggest_funcs),
    stopped,
  };
}
