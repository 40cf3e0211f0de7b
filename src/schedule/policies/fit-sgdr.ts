import { Type } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { Count, defaulted, strict } from '../../schema/fields.js';
import { SchedCos } from '../annealers.js';
import { combineScheds } from '../combine.js';
import { Rate, rateProblems, rates } from '../rate.js';
import { definePolicy, learnerDefaults } from './define.js';
import { fitArguments, fitPhase, fitProblems } from './fit.js';

/** More cycles than this make a training that nobody waits for. */
const maxCycles = 1000;

interface Cycles {
  n_cycles: number;
  cycle_len: number;
  cycle_mult: number;
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

/** Epochs of each cycle. fastai's quotient of powers for their sum divides by zero where all are of one length. */
const cycleLengths = ({ n_cycles, cycle_len, cycle_mult }: Cycles): number[] =>
  Array.from({ length: n_cycles }, (_, i) => cycle_len * cycle_mult ** i);

function lengthsProblems(cycles: Cycles): FieldProblem[] {
  if (cycles.n_cycles > maxCycles) return [{ pointer: '/n_cycles', detail: `must be at most ${maxCycles}` }];
  return Number.isSafeInteger(total(cycleLengths(cycles)))
    ? []
    : [{ pointer: '/n_cycles', detail: 'makes too many epochs' }];
}

/**
 * fastai's `fit_sgdr`: cosines from lr_max to 0, each `cycle_mult` times as long as the one before. Loshchilov, Hutter:
 * SGDR, arXiv 1608.03983.
 */
export const fitSgdr = definePolicy({
  schema: strict(
    {
      name: Type.Literal('fit_sgdr'),
      n_cycles: Count('Number of cycles'),
      cycle_len: Count('Epochs of the first cycle'),
      lr_max: defaulted(Rate('Learning rate at the start of each cycle'), learnerDefaults.lr),
      cycle_mult: defaulted(Count('Each cycle is this many times as long as the one before'), 2),
      ...fitArguments,
    },
    { title: 'FitSgdr', description: 'Warm restarts (Loshchilov, Hutter: SGDR)' },
  ),
  fromLearner: ({ lr }) => ({ lr_max: lr }),
  check({ n_cycles, cycle_len, cycle_mult, lr_max, ...more }, groups) {
    const known = n_cycles !== undefined && cycle_len !== undefined && cycle_mult !== undefined;
    const cycles = known ? { n_cycles, cycle_len, cycle_mult } : undefined;
    const lengths = cycles ? lengthsProblems(cycles) : [];
    const n_epoch = cycles && lengths.length === 0 ? total(cycleLengths(cycles)) : undefined;
    return [...rateProblems(lr_max, '/lr_max', groups), ...lengths, ...fitProblems(more, n_epoch, groups)];
  },
  plan({ lr_max, wd, reset_opt, start_epoch, ...cycles }, context) {
    const lengths = cycleLengths(cycles);
    const n_epoch = total(lengths);
    const pcts = lengths.map((length) => length / n_epoch);
    const lr = rates(lr_max, '/lr_max', context.groups).map((max) =>
      combineScheds(
        pcts,
        lengths.map(() => SchedCos(max, 0)),
      ),
    );
    return [fitPhase({ n_epoch, wd, reset_opt, start_epoch }, { lr }, context)];
  },
});
