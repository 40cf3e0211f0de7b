/** fastai's fit methods: each runs a policy on a Learner. */
import {
  type PhasePlan,
  planPolicy,
  type PolicyName,
  type PolicySpec,
  type SpecOf,
  type SuggestionName,
} from '../schedule/index.js';
import { invalidSpec } from '../errors.js';
import { Cooldown } from './callbacks/cooldown.js';
import type { Finisher } from './callbacks/finisher.js';
import { LRFinder } from './callbacks/lr-finder.js';
import { ParamScheduler } from './callbacks/param-scheduler.js';
import type { Callback } from './events.js';
import { Learner } from './learner.js';
import { type LrFindResult, lrFindResult } from './lr-find.js';
import type { Checkpoint } from './view.js';

export type { LrFindResult } from './lr-find.js';

type ArgumentsOf<Name extends PolicyName> = Omit<SpecOf<Name>, 'name'>;

interface Options {
  callbacks?: readonly Callback[];
}

interface RunOptions extends Options {
  /** What a finder is to suggest: all there is if left out. */
  suggestions?: readonly SuggestionName[] | undefined;
  /** Goes on from a checkpoint that the same phases with the same callbacks made. */
  resume?: Checkpoint | undefined;
  /** Hears of what could go on after each phase but the last. */
  afterPhase?: (checkpoint: Checkpoint) => void;
  /** May leave the schedule of any phase: a cooldown follows in place of the rest. */
  finisher?: Finisher;
}

/** Runs any policy, as a job's spec names it. @throws OnecycleError `invalid_spec` for arguments that don't fit */
export async function runPolicy(learn: Learner, policy: PolicySpec, options: Options = {}): Promise<void> {
  await runPhases(learn, planFor(learn, policy), options);
}

/** Makes what phases need, all in one graph: what `runPhases` would else do first. */
export function preparePhases(learn: Learner, phases: readonly PhasePlan[]): void {
  learn.prepare(phases.map(({ frozen_to }) => frozen_to ?? learn.optimizer.frozenTo));
}

/**
 * Runs planned phases one after another, compiled together. Returns what the finder among them found, if there is one:
 * it is read off the Learner's recorder, which must keep what it records.
 */
export async function runPhases(
  learn: Learner,
  phases: readonly PhasePlan[],
  options: RunOptions = {},
): Promise<LrFindResult | null> {
  preparePhases(learn, phases);
  const first = options.resume === undefined ? 0 : goBackTo(learn, options.resume);
  let found: LrFindResult | null = null;
  for (const [index, phase] of phases.entries()) {
    if (index < first) continue;
    learn.phase = index;
    const resume = index === first && options.resume?.callbacks ? options.resume : undefined;
    if (!resume) prepareOptimizer(learn, phase);
    if (phase.lr_find === undefined) await runFit(learn, phase, { ...options, resume });
    else found = await runFinder(learn, phase, phase.lr_find, { ...options, resume });
    if (options.finisher?.finished) break;
    if (index + 1 < phases.length) options.afterPhase?.(between(learn, index + 1));
  }
  const inCooldown = first === phases.length && options.resume?.callbacks ? options.resume : undefined;
  const finish = options.finisher?.finished ?? (inCooldown && options.finisher?.planned);
  if (finish) await coolDown(learn, phases.length, finish.cooldown, { ...options, resume: inCooldown });
  return found;
}

/** Anneals to zero, as the phase after all that were planned. */
async function coolDown(learn: Learner, phase: number, epochs: number, { callbacks = [], resume }: RunOptions) {
  learn.phase = phase;
  const cooldown = new Cooldown(epochs * learn.batchesPerEpoch);
  await learn.runEpochs(epochs, { callbacks: [cooldown, ...callbacks], resume });
}

/** A checkpoint before a phase's first batch: every callback starts anew there. */
export function between(learn: Learner, phase: number): Checkpoint {
  const { lastEpoch } = learn;
  const position = { phase, epoch: 0, batch: 0, fitIteration: 0 };
  return { position, lastEpoch, callbacks: null, snapshot: learn.snapshot() };
}

/** Brings the Learner to a checkpoint; returns the phase that it is in. */
function goBackTo(learn: Learner, { position, snapshot, lastEpoch }: Checkpoint): number {
  learn.restore(snapshot);
  learn.lastEpoch = lastEpoch;
  learn.phase = Math.max(0, position.phase - 1); // the last one, where none is left to train
  return position.phase;
}

function prepareOptimizer(learn: Learner, { frozen_to, reset_opt, set }: PhasePlan): void {
  if (frozen_to !== null) learn.freezeTo(frozen_to);
  if (reset_opt) learn.resetOptimizer();
  for (const [name, values] of Object.entries(set)) learn.optimizer.setHyper(name, values);
}

async function runFit(
  learn: Learner,
  phase: PhasePlan,
  { callbacks = [], finisher, resume }: RunOptions,
): Promise<void> {
  const scheduler = new ParamScheduler(phase.schedules, phase.n_position);
  await learn.runEpochs(phase.n_epoch, {
    callbacks: [scheduler, ...callbacks, ...(finisher ? [finisher] : [])],
    startEpoch: phase.start_epoch,
    resume,
  });
}

async function runFinder(
  learn: Learner,
  { schedules, n_epoch, start_epoch }: PhasePlan,
  { num_it, stop_div }: NonNullable<PhasePlan['lr_find']>,
  { callbacks = [], suggestions, resume }: RunOptions,
): Promise<LrFindResult> {
  const finder = new LRFinder(schedules.lr!, num_it, stop_div);
  await learn.runEpochs(n_epoch, { callbacks: [finder, ...callbacks], startEpoch: start_epoch, resume });
  return lrFindResult(finder.recorded(learn), { numIt: num_it, stopped: finder.stopped, names: suggestions });
}

/**
 * The phases of a policy on this Learner: its groups, batches and defaults. `frozenTo`: what to freeze first, as
 * `freeze_to` does.
 */
export function planFor(learn: Learner, policy: PolicySpec, frozenTo?: number): PhasePlan[] {
  checkLearner(learn);
  const { lr, moms } = learn.options;
  const given = { ...(lr !== undefined && { lr }), ...(moms && { moms }), ...(frozenTo !== undefined && { frozenTo }) };
  return planPolicy(policy, { groups: learn.groups, batchesPerEpoch: learn.batchesPerEpoch, ...given });
}

/** A script need not be TypeScript. */
function checkLearner(learn: unknown): void {
  if (!(learn instanceof Learner))
    throw invalidSpec('/learn', 'the first argument must be a Learner, the second those of the policy: {n_epoch: 3}');
}

/** fastai's `Learner.fit`, with custom schedules for any hyper. */
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

/** fastai's `Learner.lr_find`. The Learner is afterwards bit for bit what it was. */
export async function lrFind(
  learn: Learner,
  args: ArgumentsOf<'lr_find'> = {},
  { callbacks = [] }: Options = {},
): Promise<LrFindResult> {
  const phases = planFor(learn, { name: 'lr_find', ...args });
  const found = await runPhases(learn, phases, { callbacks, suggestions: args.suggest_funcs });
  if (found === null) throw new Error('The plan of lr_find has no finder');
  return found;
}
