import { finite } from '../src/numbers/thin.js';

/** JSON has no word for numbers that are not finite: they are null. */
export const finiteValues = (values: Readonly<Record<string, number | null>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, finite(value)]));

/** The names of those that are numbers and not finite. */
export const notFinite = (values: Readonly<Record<string, number | null>>): string[] =>
  Object.keys(values).filter((name) => values[name] !== null && !Number.isFinite(values[name]));
