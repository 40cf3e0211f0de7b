/** What a learning-rate finder has found so far, read off its log. */
import { OnecycleError } from '../errors.js';
import type { JobRecord } from '../jobs/index.js';
import { findings, type Findings } from '../schedule/findings.js';
import type { PolicySpec } from '../schedule/index.js';
import type { Cell } from './columns.js';
import { readColumns, type Stored } from './log-reader.js';

/** A finder's curve, one value per iteration, and what can be read off it. */
export interface FinderCurve extends Findings {
  /** The rates, of the last parameter group. */
  lrs: number[];
  /** Smoothed losses. */
  losses: Cell[];
  rawLosses: Cell[];
}

/**
 * Reads a finder's curve.
 * @throws OnecycleError `not_available` for a job that is no finder
 */
export async function readFinder(stored: Stored, record: JobRecord): Promise<FinderCurve> {
  const policy = finderPolicy(record);
  const { hypers, loss, raw_loss } = await readColumns(stored, record.id);
  const curve = { lrs: ('lr' in hypers ? hypers.lr.at(-1)! : []).map(Number), losses: loss };
  return { ...curve, rawLosses: raw_loss, ...findings(curve, policy) };
}

function finderPolicy({ id, lr_find, spec: { policy } }: JobRecord): Extract<PolicySpec, { name: 'lr_find' }> {
  if (policy.name === 'lr_find') return policy;
  const finder = lr_find ? ` Its finder is job ${lr_find.job}.` : '';
  throw new OnecycleError('not_available', `Job ${id} is not a learning-rate finder.${finder}`);
}
