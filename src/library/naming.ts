/** A script's names are camelCase, a job's snake_case: `lrMax` is `lr_max`. One is made of the other here. */
import { OnecycleError, type FieldProblem } from '../errors.js';
import { JobRequest } from '../request/body.js';
import { PolicySchema, type PolicyName } from '../schedule/index.js';
import { isObject, type JsonObject } from '../schema/json.js';

type CamelName<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelName<Tail>>}`
  : Name;

/** An object's fields in camelCase, theirs alone: what is in them keeps its names. */
export type Camel<T> = { [K in keyof T as K extends string ? CamelName<K> : K]: T[K] };

/** A job's name as a script's. */
export const camel = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The fields of an object, theirs alone, as a job names them. What is undefined is left out. */
export const inSnake = (args: object): JsonObject =>
  Object.fromEntries(
    Object.entries(args).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [[snake(name), value]],
    ),
  );

/** The names that are another in a script. */
const renamed: ReadonlySet<string> = new Set(
  [JobRequest, ...variantsOf(PolicySchema)].flatMap(fieldsOf).filter((name) => name.includes('_')),
);

/** The arguments of a policy, `name` aside, as a job names them. */
export function argumentNames(policy: PolicyName): string[] {
  const schema = variantsOf(PolicySchema).find((variant) => wordOf(variant) === policy);
  return fieldsOf(schema).filter((name) => name !== 'name');
}

function wordOf(schema: unknown): unknown {
  const name = isObject(schema) && isObject(schema.properties) ? schema.properties.name : undefined;
  return isObject(name) ? name.const : undefined;
}

function variantsOf(schema: object): unknown[] {
  return 'anyOf' in schema && Array.isArray(schema.anyOf) ? schema.anyOf : [];
}

function fieldsOf(schema: unknown): string[] {
  return isObject(schema) && isObject(schema.properties) ? Object.keys(schema.properties) : [];
}

const inWords = (text: string): string =>
  text.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, (word) => (renamed.has(word) ? camel(word) : word));

const renamedIn = ({ pointer, detail }: FieldProblem): FieldProblem => ({
  pointer: pointer.replace(/^\/[^/]+/, inWords),
  detail: inWords(detail),
});

/** The error for what is wrong with the arguments of a call: `what` names it. */
export function wrongArguments(what: string, problems: readonly FieldProblem[]): OnecycleError {
  const named = problems.map(renamedIn);
  const lines = named.map(({ pointer, detail }) => `${pointer} ${detail}`.trimStart());
  return new OnecycleError('invalid_spec', `${what}: ${lines.join('; ')}`, named);
}

/** The same for one argument. */
export const wrongArgument = (what: string, pointer: string, detail: string): OnecycleError =>
  wrongArguments(what, [{ pointer, detail }]);

/** Runs what takes a job's names: what it throws for wrong arguments is said in a script's, of `what`. */
export async function inScriptsNames<T>(what: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OnecycleError && error.code === 'invalid_spec' && error.problems.length > 0)
      throw wrongArguments(what, error.problems);
    throw error;
  }
}
