import type { FieldProblem } from '../../errors.js';
import { SchedCos } from '../annealers.js';
import { type Checks, count, problem } from '../check.js';
import { combineScheds } from '../combine.js';
import type { PhasePlan } from '../types.js';
import { type Context, fitArguments, fitPhase, type SpecOf } from './fit.js';
import { rate, rates } from './rate.js';

export const fitSgdrChecks: Checks = {
  n_cycles: count,
  cycle_len: count,
  lr_max: rate,
  cycle_mult: count,
  ...fitArguments,
};

/** More cycles than this make a training that nobody waits for. */
const maxCycles = 1000;

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);
const cycleLengths = (n_cycles: number, cycle_len: number, cycle_mult: number): number[] =>
  Array.from({ length: n_cycles }, (_, i) => cycle_len * cycle_mult ** i);

/** The epochs of all cycles. fastai's quotient of powers divides by zero where every cycle is as long as the first. */
export const sgdrEpochs = (policy: { n_cycles: number; cycle_len: number; cycle_mult?: number }): number =>
  total(cycleLengths(policy.n_cycles, policy.cycle_len, policy.cycle_mult ?? 2));

export function checkSgdrLength({ n_cycles, cycle_len, cycle_mult = 2 }: Record<string, unknown>): FieldProblem[] {
  if (typeof n_cycles !== 'number' || typeof cycle_len !== 'number' || typeof cycle_mult !== 'number') return [];
  if (n_cycles > maxCycles) return problem('/n_cycles', `must be at most ${maxCycles}`);
  if (![n_cycles, cycle_len, cycle_mult].every((number) => Number.isSafeInteger(number) && number >= 1)) return [];
  return Number.isSafeInteger(sgdrEpochs({ n_cycles, cycle_len, cycle_mult }))
    ? []
    : problem('/n_cycles', 'makes more epochs than can be counted');
}

/** fastai's `fit_sgdr`: cosines from lr_max to 0, each `cycle_mult` times as long as the one before. Loshchilov, Hutter: SGDR, arXiv 1608.03983. */
export function planFitSgdr(policy: SpecOf<'fit_sgdr'>, context: Context): PhasePlan[] {
  const { n_cycles, cycle_len, cycle_mult = 2, lr_max = context.lr, wd, reset_opt, start_epoch } = policy;
  const lengths = cycleLengths(n_cycles, cycle_len, cycle_mult);
  const n_epoch = total(lengths);
  const pcts = lengths.map((length) => length / n_epoch);
  const lr = rates(lr_max, '/lr_max', context.groups).map((max) =>
    combineScheds(
      pcts,
      lengths.map(() => SchedCos(max, 0)),
    ),
  );
  return [fitPhase({ n_epoch, wd, reset_opt, start_epoch }, { lr }, context)];
}
