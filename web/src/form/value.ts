/** Values of a form: which branch of a union one is of, what one starts with, and changes in place. */
import { own } from '../state/own.js';
import { fieldOf, resolve, type Branch, type Components, type Json, type Schema } from './schema.js';

/** Where a field stands in the value. */
export type Path = readonly (string | number)[];

/** A JSON object, as opposed to a list or null. */
export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The JSON pointer of a path, as problems name it. */
export function pointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The value at a path; undefined where there is none. */
export function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    if (isList(inner) && typeof key === 'number') return inner[key];
    return isObject(inner) ? own(inner, String(key)) : undefined;
  }, value);
}

/** The value with another one at a path; undefined takes a key or an item away. */
export function withAt(value: Json | undefined, path: Path, next: Json | undefined): Json | undefined {
  const key = path.at(0);
  const rest = path.slice(1);
  if (key === undefined) return next;
  if (typeof key === 'number') return withItem(isList(value) ? value : [], key, rest, next);
  const object = isObject(value) ? value : {};
  const inner = withAt(own(object, key), rest, next);
  if (inner !== undefined) return { ...object, [key]: inner };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function withItem(list: readonly Json[], index: number, rest: Path, next: Json | undefined): Json {
  const inner = withAt(list[index], rest, next);
  if (inner === undefined) return list.filter((_, i) => i !== index);
  return list.toSpliced(index, 1, inner);
}

/** What a field starts with when somebody adds it. */
export function startOf(given: Schema, components: Components): Json {
  const schema = resolve(given, components);
  if (schema.default !== undefined) return schema.default;
  const example = schema.examples?.at(0);
  if (example !== undefined) return example;
  const field = fieldOf(schema, components);
  switch (field.kind) {
    case 'const':
      return field.value;
    case 'choice':
      return field.options.at(0) ?? '';
    case 'number':
      return numberStart(field);
    case 'text':
      return '';
    case 'boolean':
      return false;
    case 'list':
      return Array.from({ length: field.min }, () => startOf(field.items, components));
    case 'object':
      return startOfObject(field.properties, components);
    case 'union':
      return startOf(field.branches.at(0)?.schema ?? { type: 'null' }, components);
    case 'record':
      return {};
    case 'null':
      return null;
    case 'json':
      return schema.type === 'array' ? [] : {};
  }
}

function numberStart({ integer, min = 0, max = 1 }: { integer: boolean; min?: number; max?: number }): number {
  if (min > 0) return min;
  return integer ? 1 : Math.min(1, max) / 2;
}

function startOfObject(
  properties: readonly { name: string; schema: Schema; required: boolean }[],
  all: Components,
): Json {
  return Object.fromEntries(
    properties.filter((one) => one.required).map((one) => [one.name, startOf(one.schema, all)]),
  );
}

/** Which branch of a union a value is of: the one that it agrees with most, or none. */
export function branchOf(branches: readonly Branch[], value: Json | undefined, components: Components): number {
  if (value === undefined) return -1;
  const scores = branches.map(({ schema }) => agreement(schema, value, components));
  const best = Math.max(...scores);
  return best < 0 ? -1 : scores.indexOf(best);
}

/** How well a value agrees with a schema, seen from outside; below 0 where it cannot be of it. */
function agreement(schema: Schema, value: Json, components: Components): number {
  const field = fieldOf(schema, components);
  if (field.kind === 'const') return field.value === value ? 3 : -1;
  if (field.kind === 'choice') return typeof value !== 'string' ? -1 : field.options.includes(value) ? 2 : 0;
  if (!typesOf(schema).includes(typeOf(value))) return -1;
  if (!isObject(value)) return 1;
  const { properties = {}, required = [], additionalProperties } = schema;
  const told = Object.entries(properties).filter(
    ([name, inner]) => inner?.const !== undefined && Object.hasOwn(value, name),
  );
  if (told.some(([name, inner]) => inner?.const !== value[name])) return -1;
  const present = required.filter((name) => Object.hasOwn(value, name)).length;
  const unknown =
    additionalProperties === false ? Object.keys(value).filter((name) => !Object.hasOwn(properties, name)).length : 0;
  if (required.length > 0 && present === 0) return -1;
  return 1 + 4 * told.length + present / (required.length || 1) - unknown / 10;
}

function typesOf({ type }: Schema): readonly string[] {
  if (type === 'integer') return ['number'];
  return type === undefined ? ['string', 'number', 'boolean', 'array', 'object', 'null'] : [type];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
