/**
 * What is wrong with custom schedules: what no schema says, as they nest, and their values depend on hyper and groups.
 */
import { Type, type TSchema } from 'typebox';
import type { FieldProblem } from '../errors.js';
import { problemsOf } from '../schema/check.js';
import { PerGroup, Share, strict } from '../schema/fields.js';
import { type HyperName, hyperNames, hyperSchemas } from '../schema/hypers.js';
import { child, isObject, type JsonObject } from '../schema/json.js';
import { sumsToOne } from './combine.js';
import { lengthProblems } from './groups.js';
import { type AnnealerName, annealers, type ValueSchema } from './schedule.js';

/** Deeper than any schedule needs, and far from where a recursion ends. */
const maxDepth = 16;
const maxParts = 1000;

/** What one level of a schedule may be, alone or as a part of a `combine`: what nests in it has a level of its own. */
interface Forms {
  /** Null where an annealer's own `pct` leaves no room for its share. */
  annealers: Record<AnnealerName, TSchema | null>;
  combine: TSchema;
}
interface Level {
  alone: Forms;
  part: Forms;
  groups: number;
  depth: number;
}

const share = { pct: Share('Share of the whole') };
/** A part whose schedule stands within. */
const Within = strict({ ...share, schedule: Type.Unknown() });

function formsOf(value: ValueSchema, beside: typeof share | object): Forms {
  const named = Object.entries(annealers).map(([fn, { fields }]) => {
    const own = fields(value);
    const taken = Object.keys(beside).some((name) => name in own);
    return [fn, taken ? null : strict({ ...beside, fn: Type.Literal(fn), ...own })];
  });
  return {
    annealers: Object.fromEntries(named) as Forms['annealers'],
    combine: strict({ ...beside, combine: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxParts }) }),
  };
}

const levelOf = (value: TSchema) => {
  const values: ValueSchema = Type.Unsafe(value);
  return { alone: formsOf(values, {}), part: formsOf(values, share) };
};
type Levels = Record<HyperName, { one: ReturnType<typeof levelOf>; each: ReturnType<typeof levelOf> }>;

/** By hyper: of one schedule for all groups, and of a list of schedules, which has one per group already. */
const levels = Object.fromEntries(
  hyperNames.map((name) => [
    name,
    { one: levelOf(PerGroup(hyperSchemas[name](), 'Value')), each: levelOf(hyperSchemas[name]()) },
  ]),
) as Levels;

/**
 * What is wrong with `{hyper: schedule, …}`, each one schedule for all groups or a list with one per group. Takes any
 * JSON.
 */
export function scheduleProblems(schedules: unknown, pointer: string, groups: number): FieldProblem[] {
  if (!isObject(schedules)) return [{ pointer, detail: 'must be an object with schedules by hyperparameter' }];
  return Object.entries(schedules).flatMap(([name, spec]) => {
    const at = child(pointer, name);
    const hyper = hyperNames.find((known) => known === name);
    return hyper === undefined
      ? [{ pointer: at, detail: `is not a hyperparameter; the hyperparameters are ${hyperNames.join(', ')}` }]
      : hyperProblems(hyper, spec, at, groups);
  });
}

function hyperProblems(hyper: HyperName, spec: unknown, pointer: string, groups: number): FieldProblem[] {
  const { one, each } = levels[hyper];
  if (!Array.isArray(spec)) return levelProblems(spec, pointer, { ...one, groups, depth: 0 });
  return [
    ...lengthProblems(spec, pointer, groups, 'schedule'),
    ...spec.flatMap((part, i) => levelProblems(part, child(pointer, i), { ...each, groups, depth: 0 })),
  ];
}

function levelProblems(spec: unknown, pointer: string, level: Level, forms = level.alone): FieldProblem[] {
  if (!isObject(spec)) return [{ pointer, detail: 'must be a schedule: an object with `fn`, or with `combine`' }];
  if (level.depth > maxDepth) return [{ pointer, detail: `is nested too deeply; at most ${maxDepth} levels` }];
  if (!('combine' in spec)) return annealerProblems(spec, pointer, level.groups, forms);
  return [...problemsOf(forms.combine, spec, pointer), ...partsProblems(spec.combine, `${pointer}/combine`, level)];
}

function annealerProblems(spec: JsonObject, pointer: string, groups: number, forms: Forms): FieldProblem[] {
  const fn = Object.keys(annealers).find((known): known is AnnealerName => known === spec.fn);
  if (fn === undefined)
    return [{ pointer: `${pointer}/fn`, detail: `must be one of ${Object.keys(annealers).join(', ')}` }];
  const form = forms.annealers[fn];
  if (form === null) return [ownPctProblem(pointer, fn)];
  const problems = [
    ...problemsOf(form, spec, pointer),
    ...Object.entries(spec).flatMap(([name, value]) => lengthProblems(value, child(pointer, name), groups)),
  ];
  if (problems.length > 0) return problems;
  const named: { problems?(args: JsonObject): FieldProblem[] } = annealers[fn];
  return (named.problems?.(spec) ?? []).map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
}

function partsProblems(parts: unknown, pointer: string, level: Level): FieldProblem[] {
  if (!Array.isArray(parts)) return [];
  const below = { ...level, depth: level.depth + 1 };
  return [
    ...parts.flatMap((part, i) => partProblems(part, child(pointer, i), below)),
    ...sharesProblems(parts, pointer),
  ];
}

function partProblems(part: unknown, pointer: string, level: Level): FieldProblem[] {
  if (!isObject(part) || !('schedule' in part)) return levelProblems(part, pointer, level, level.part);
  return [...problemsOf(Within, part, pointer), ...levelProblems(part.schedule, `${pointer}/schedule`, level)];
}

const ownPctProblem = (pointer: string, fn: AnnealerName): FieldProblem => ({
  pointer,
  detail: `has a pct of its own: within combine, write it as {"pct": share, "schedule": {"fn": "${fn}", …}}`,
});

function sharesProblems(parts: readonly unknown[], pointer: string): FieldProblem[] {
  const shares = parts.map((part) => (isObject(part) ? part.pct : undefined));
  if (shares.length === 0 || !shares.every((share) => typeof share === 'number') || sumsToOne(shares)) return [];
  return [{ pointer, detail: `the pct of its parts must sum to 1, not ${shares.reduce((a, b) => a + b, 0)}` }];
}
