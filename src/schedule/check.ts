/** What an argument must be. Checks take whatever JSON holds, and find every problem there is. */
import type { FieldProblem } from '../errors.js';
import { hyperNames, suggestionNames, type HyperName } from './types.js';

/** The problems of one value; `pointer` says where it stands, `groups` how many parameter groups there are. */
export type Check = (value: unknown, pointer: string, groups: number) => FieldProblem[];

/** The arguments of something, each with its check. */
export type Checks = Readonly<Record<string, Check>>;

export const problem = (pointer: string, detail: string): FieldProblem[] => [{ pointer, detail }];

/** A key as a JSON pointer writes it (RFC 6901). */
export const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const must =
  (right: (value: unknown) => boolean, detail: string): Check =>
  (value, pointer) =>
    right(value) ? [] : problem(pointer, detail);

const number = (right: (value: number) => boolean, what: string): Check =>
  must((value) => typeof value === 'number' && Number.isFinite(value) && right(value), `must be ${what}`);

export const positive = number((value) => value > 0, 'a number above 0');
export const atLeastZero = number((value) => value >= 0, 'a number of 0 or more');
/** 1 is no decay at all: an optimizer would divide by 1 - 1. */
export const decay = number((value) => value >= 0 && value < 1, 'a number from 0 to below 1');
export const fraction = number((value) => value >= 0 && value <= 1, 'a number from 0 to 1');
export const insideZeroOne = number((value) => value > 0 && value < 1, 'a number between 0 and 1, without these two');
export const count = number((value) => Number.isSafeInteger(value) && value >= 1, 'a whole number of 1 or more');
export const countOrZero = number((value) => Number.isSafeInteger(value) && value >= 0, 'a whole number of 0 or more');
export const flag = must((value) => typeof value === 'boolean', 'must be true or false');
export const suggestion = must(
  (value) => suggestionNames.some((name) => name === value),
  `must be one of ${suggestionNames.join(', ')}`,
);

/** What a hyperparameter's value must be, wherever it comes from. */
export const hyperChecks: Record<HyperName, Check> = {
  lr: atLeastZero,
  mom: decay,
  sqr_mom: decay,
  eps: atLeastZero,
  wd: atLeastZero,
};
export const isHyper = (name: string): name is HyperName => hyperNames.some((hyper) => hyper === name);

/** A list whose every item passes, of a length that passes. */
export const listOf =
  (item: Check, length: (found: number, groups: number) => string | null = () => null): Check =>
  (value, pointer, groups) => {
    if (!Array.isArray(value)) return problem(pointer, 'must be a list');
    const wrong = length(value.length, groups);
    return [
      ...(wrong === null ? [] : problem(pointer, wrong)),
      ...value.flatMap((one, i) => item(one, `${pointer}/${i}`, groups)),
    ];
  };

export const ofLength = (expected: number) => (found: number) =>
  found === expected ? null : `must have ${expected} values, not ${found}`;

/** As fastai's optimizer takes a list: one value a group, or one for all. */
export const oneAGroup = (found: number, groups: number): string | null =>
  found === groups || found === 1
    ? null
    : `must have one value for each of the ${groups} parameter groups, not ${found}`;

/** One value, or a list with one a group. */
export const perGroup = (item: Check): Check => {
  const list = listOf(item, oneAGroup);
  return (value, pointer, groups) =>
    Array.isArray(value) ? list(value, pointer, groups) : item(value, pointer, groups);
};

/** An object with these fields: those that are required are there, and no others than these. */
export const objectOf =
  (fields: Checks, required: readonly string[]): Check =>
  (value, pointer, groups) => {
    if (!isObject(value)) return problem(pointer, 'must be an object');
    const given = Object.keys(value).filter((key) => value[key] !== undefined);
    const allowed = Object.keys(fields).join(', ');
    return [
      ...required.filter((key) => !given.includes(key)).flatMap((key) => problem(`${pointer}/${key}`, 'is required')),
      ...given.flatMap((key) =>
        Object.hasOwn(fields, key)
          ? fields[key](value[key], `${pointer}/${escape(key)}`, groups)
          : problem(`${pointer}/${escape(key)}`, `is not known; known are ${allowed}`),
      ),
    ];
  };
