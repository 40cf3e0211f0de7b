import type { FieldProblem } from '../errors.js';

/** What a field of a layer or an argument of a preset may be. */
export interface Field<T> {
  is: (value: unknown) => value is T;
  /** Completes "must be …". */
  expected: string;
  required?: boolean;
}
export type Fields = Record<string, Field<unknown>>;

/** The values of checked fields, by name. */
export type Values<F extends Fields> = { [K in keyof F]?: F[K] extends Field<infer T> ? T : never };

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

export const positiveInteger: Field<number> = {
  is: (v): v is number => isInteger(v) && v > 0,
  expected: 'a positive integer',
};
export const positiveNumber: Field<number> = {
  is: (v): v is number => typeof v === 'number' && v > 0 && Number.isFinite(v),
  expected: 'a positive number',
};
export const share: Field<number> = {
  is: (v): v is number => typeof v === 'number' && v >= 0 && v <= 1,
  expected: 'a number from 0 to 1',
};
export const fraction: Field<number> = {
  is: (v): v is number => typeof v === 'number' && v >= 0 && v < 1,
  expected: 'a number from 0 up to, but not, 1',
};
export const flag: Field<boolean> = { is: (v) => typeof v === 'boolean', expected: 'true or false' };
export const padding: Field<'same' | 'valid' | number> = {
  is: (v): v is 'same' | 'valid' | number => v === 'same' || v === 'valid' || (isInteger(v) && v >= 0),
  expected: "'same', 'valid' or a non-negative integer",
};
export const oneOf = <T extends string>(names: readonly T[]): Field<T> => ({
  is: (v): v is T => names.some((name) => name === v),
  expected: `one of ${names.join(', ')}`,
});
export const indexes: Field<number[]> = {
  is: (v): v is number[] => Array.isArray(v) && v.every(isInteger),
  expected: 'a list of integers',
};
export const positiveIntegers: Field<number[]> = {
  is: (v): v is number[] => Array.isArray(v) && v.length > 0 && v.every(positiveInteger.is),
  expected: 'a list of at least one positive integer',
};

export const required = <T>(field: Field<T>): Field<T> => ({ ...field, required: true });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON pointer (RFC 6901) to a member. */
export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** What is wrong with an object's fields: unknown, missing or of a wrong kind. `what` names it in sentences, `also` are keys checked elsewhere. */
export function fieldProblems(
  what: string,
  given: Record<string, unknown>,
  fields: Fields,
  pointer: string,
  also: string[] = [],
): FieldProblem[] {
  const names = Object.keys(fields);
  const unknown = Object.keys(given)
    .filter((key) => !names.includes(key) && !also.includes(key))
    .map((key) => ({
      pointer: pointerTo(pointer, key),
      detail: `${what} has no field ${key}; it has ${names.join(', ') || 'none'}`,
    }));
  const wrong = Object.entries(fields).flatMap(([name, field]) => {
    const value = given[name];
    if (value === undefined && !field.required) return [];
    return field.is(value)
      ? []
      : [{ pointer: pointerTo(pointer, name), detail: `${name} of ${what} must be ${field.expected}` }];
  });
  return [...unknown, ...wrong];
}
