/** The JSON form of schedules of one's own: its checks, and the functions that it means. */
import { SchedCos, SchedExp, SchedLin, SchedNo, SchedPoly } from './annealers.js';
import {
  atLeastZero,
  type Check,
  escape,
  fraction,
  hyperChecks,
  isHyper,
  isObject,
  listOf,
  objectOf,
  perGroup,
  problem,
} from './check.js';
import { combinedCos, combineScheds, sumsToOne } from './combine.js';
import { type HyperName, hyperNames, type Schedule, type ScheduleSpec, type Value } from './types.js';
import type { FieldProblem } from '../errors.js';

/** Deeper than any schedule needs, and far from where a recursion ends. */
const maxDepth = 16;
const maxParts = 1000;

/** The value of one parameter group: a list has one a group, or one for all. */
export const ofGroup = (value: Value, group: number): number =>
  typeof value === 'number' ? value : value.length === 1 ? value[0] : value[group];

/** The schedule that a spec means for one parameter group. The spec must have passed its check. */
export function scheduleOf(spec: ScheduleSpec, group: number): Schedule {
  if ('combine' in spec) {
    const parts = spec.combine.map((part) => scheduleOf('schedule' in part ? part.schedule : part, group));
    return combineScheds(
      spec.combine.map((part) => part.pct),
      parts,
    );
  }
  const start = ofGroup(spec.start, group);
  const end = spec.end === undefined ? start : ofGroup(spec.end, group);
  switch (spec.fn) {
    case 'sched_lin':
      return SchedLin(start, end);
    case 'sched_cos':
      return SchedCos(start, end);
    case 'sched_no':
      return SchedNo(start, end);
    case 'sched_exp':
      return SchedExp(start, end);
    case 'sched_poly':
      return SchedPoly(start, end, spec.power);
    case 'combined_cos':
      return combinedCos(spec.pct, start, ofGroup(spec.middle, group), end);
  }
}

/** One schedule a group from one spec for all, or from a list with one a group. */
export const groupSchedules = (spec: ScheduleSpec | ScheduleSpec[], groups: number): Schedule[] =>
  Array.from({ length: groups }, (_, group) =>
    scheduleOf(Array.isArray(spec) ? (spec.length === 1 ? spec[0] : spec[group]) : spec, group),
  );

/** `{hyper: schedule, …}`, each one schedule for all groups or a list with one a group. */
export const checkSchedules: Check = (value, pointer, groups) =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, spec]) =>
        isHyper(name)
          ? checkHyperSchedule(name)(spec, `${pointer}/${name}`, groups)
          : problem(`${pointer}/${escape(name)}`, `is not a hyperparameter; these are ${hyperNames.join(', ')}`),
      )
    : problem(pointer, 'must be an object with a schedule for each hyperparameter');

/** A list of schedules already has one a group, so that within it values are numbers. */
const checkHyperSchedule = (name: HyperName): Check => {
  const list = listOf(checkSchedule(hyperChecks[name], 0), (found, groups) =>
    found === groups || found === 1
      ? null
      : `must have one schedule for each of the ${groups} parameter groups, not ${found}`,
  );
  const one = checkSchedule(perGroup(hyperChecks[name]), 0);
  return (value, pointer, groups) => (Array.isArray(value) ? list : one)(value, pointer, groups);
};

const checkSchedule =
  (value: Check, depth: number, shared: Record<string, Check> = {}): Check =>
  (spec, pointer, groups) => {
    if (!isObject(spec)) return problem(pointer, 'must be a schedule: an object with `fn`, or with `combine`');
    if (depth > maxDepth) return problem(pointer, `is nested too deeply; at most ${maxDepth} levels`);
    if ('combine' in spec)
      return objectOf({ ...shared, combine: checkParts(value, depth) }, [...Object.keys(shared), 'combine'])(
        spec,
        pointer,
        groups,
      );
    return checkFunction(value, shared)(spec, pointer, groups);
  };

const any: Check = () => [];

/** An annealer's arguments beside `fn`. */
const annealers = (value: Check): Record<string, { fields: Record<string, Check>; optional?: string[] }> => ({
  sched_lin: { fields: { start: value, end: value } },
  sched_cos: { fields: { start: value, end: value } },
  sched_no: { fields: { start: value, end: value }, optional: ['end'] },
  sched_exp: { fields: { start: value, end: value } },
  sched_poly: { fields: { start: value, end: value, power: atLeastZero } },
  combined_cos: { fields: { pct: fraction, start: value, middle: value, end: value } },
});

const checkFunction =
  (value: Check, shared: Record<string, Check>): Check =>
  (spec, pointer, groups) => {
    const known = annealers(value);
    const fn = isObject(spec) ? spec.fn : undefined;
    if (typeof fn !== 'string' || !Object.hasOwn(known, fn))
      return problem(`${pointer}/fn`, `must be one of ${Object.keys(known).join(', ')}`);
    if (fn === 'combined_cos' && 'pct' in shared) {
      return problem(
        pointer,
        'has a pct of its own: in a combine it stands within, as {"pct": share, "schedule": {"fn": "combined_cos", …}}',
      );
    }
    const { fields, optional = [] } = known[fn];
    const required = Object.keys(fields).filter((field) => !optional.includes(field));
    const problems = objectOf({ fn: any, ...shared, ...fields }, [...Object.keys(shared), ...required])(
      spec,
      pointer,
      groups,
    );
    return problems.length === 0 && fn === 'sched_exp' ? checkExponential(spec, pointer) : problems;
  };

/** `start * (end / start) ** position` needs values above 0. */
const checkExponential = (spec: unknown, pointer: string): FieldProblem[] =>
  ['start', 'end'].flatMap((field) => {
    const values = isObject(spec) ? [spec[field]].flat() : [];
    return values.includes(0) ? problem(`${pointer}/${field}`, 'must be above 0 in an exponential schedule') : [];
  });

const checkParts =
  (value: Check, depth: number): Check =>
  (parts, pointer, groups) => {
    const part: Check = (one, at) =>
      isObject(one) && 'schedule' in one
        ? objectOf({ pct: fraction, schedule: checkSchedule(value, depth + 1) }, ['pct', 'schedule'])(one, at, groups)
        : checkSchedule(value, depth + 1, { pct: fraction })(one, at, groups);
    const problems = listOf(part, (found) =>
      found >= 1 && found <= maxParts ? null : `must have 1 to ${maxParts} parts`,
    )(parts, pointer, groups);
    return [...problems, ...checkShares(parts, pointer)];
  };

function checkShares(parts: unknown, pointer: string): FieldProblem[] {
  if (!Array.isArray(parts) || parts.length === 0) return [];
  const shares = parts.map((part: unknown) => (isObject(part) ? part.pct : undefined));
  if (!shares.every((share) => typeof share === 'number')) return [];
  return sumsToOne(shares)
    ? []
    : problem(pointer, `the pct of its parts must sum to 1, not ${shares.reduce((a, b) => a + b, 0)}`);
}
