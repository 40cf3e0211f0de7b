/**
 * What of JSON Schema the requests use, read as kinds of form fields. A schema is resolved when it is looked at, as
 * some contain themselves.
 */

import { own } from '../state/own.js';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The keywords that a form understands. */
export interface Schema {
  $ref?: string;
  type?: string;
  const?: Json;
  enum?: readonly Json[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema | undefined>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  default?: Json;
  description?: string;
  examples?: readonly Json[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
}

/** Schemas by the name that a `$ref` ends with. */
export type Components = Readonly<Record<string, Schema | undefined>>;

/** A property of an object. */
export interface Property {
  name: string;
  schema: Schema;
  required: boolean;
}

/** One of the schemas of a union, and what to call it. */
export interface Branch {
  label: string;
  schema: Schema;
}

/** What a form shows for a schema. */
export type Field =
  | { kind: 'const'; value: Json }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'number'; integer: boolean; min?: number; max?: number }
  | { kind: 'text'; maxLength?: number }
  | { kind: 'boolean' }
  | { kind: 'null' }
  | { kind: 'list'; items: Schema; min: number; max: number }
  | { kind: 'object'; properties: readonly Property[] }
  | { kind: 'record'; values: Schema }
  | { kind: 'union'; branches: readonly Branch[] }
  | { kind: 'json' };

/** A schema with its `$ref` followed; what stands beside the `$ref` wins. */
export function resolve(schema: Schema, components: Components): Schema {
  const { $ref, ...beside } = schema;
  if ($ref === undefined) return schema;
  const found = own(components, $ref.slice($ref.lastIndexOf('/') + 1));
  return found === undefined ? beside : { ...resolve(found, components), ...beside };
}

/** What a form shows for this schema. */
export function fieldOf(given: Schema, components: Components): Field {
  const schema = resolve(given, components);
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return { kind: 'union', branches: branchesOf(union, components) };
  if (schema.const !== undefined) return { kind: 'const', value: schema.const };
  const options = schema.enum?.filter((option) => typeof option === 'string');
  if (options !== undefined && options.length === schema.enum?.length) return { kind: 'choice', options };
  return fieldOfType(schema);
}

function fieldOfType(schema: Schema): Field {
  switch (schema.type) {
    case 'number':
    case 'integer':
      return numberField(schema);
    case 'string':
      return { kind: 'text', maxLength: schema.maxLength };
    case 'boolean':
      return { kind: 'boolean' };
    case 'null':
      return { kind: 'null' };
    case 'array':
      return listField(schema);
    case 'object':
      return objectField(schema);
    default:
      return { kind: 'json' };
  }
}

function numberField(schema: Schema): Field {
  const min = schema.minimum ?? schema.exclusiveMinimum;
  const max = schema.maximum ?? schema.exclusiveMaximum;
  return { kind: 'number', integer: schema.type === 'integer', min, max };
}

/** A list of anything is written as JSON: nested lists of numbers have no better form. */
function listField({ items, minItems = 0, maxItems = Infinity }: Schema): Field {
  if (items === undefined || isAnything(items)) return { kind: 'json' };
  return { kind: 'list', items, min: minItems, max: maxItems };
}

/** Whether nothing is said of what it holds, or of what the lists in it hold. */
const isAnything = (schema: Schema): boolean =>
  Object.keys(schema).length === 0 ||
  (schema.items !== undefined && isAnything(schema.items)) ||
  (schema.anyOf ?? []).some(isAnything);

function objectField({ properties = {}, required = [], additionalProperties }: Schema): Field {
  const entries = Object.entries(properties).filter((entry): entry is [string, Schema] => entry[1] !== undefined);
  if (entries.length === 0 && typeof additionalProperties === 'object')
    return { kind: 'record', values: additionalProperties };
  if (entries.length === 0 || additionalProperties === true) return { kind: 'json' };
  const all = entries.map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
  return { kind: 'object', properties: [...all.filter((one) => one.required), ...all.filter((one) => !one.required)] };
}

/** The branches of a union; those of a union within it stand among them. */
function branchesOf(union: readonly Schema[], components: Components): Branch[] {
  return union.flatMap((given) => {
    const schema = resolve(given, components);
    const within = schema.anyOf ?? schema.oneOf;
    return within === undefined ? [{ label: labelOf(schema), schema }] : branchesOf(within, components);
  });
}

const typeLabels: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'text',
  boolean: 'yes or no',
  array: 'a list',
  null: 'none',
  object: 'an object',
};

/** What to call a branch: the name that it is told by, else the keys that it requires, else its type. */
function labelOf(schema: Schema): string {
  const { properties = {}, required = [] } = schema;
  const named = required.map((key) => properties[key]?.const).find((value) => typeof value === 'string');
  if (typeof named === 'string') return named;
  if (schema.additionalProperties === true && required.length > 0) return `another ${required.join(', ')}`;
  if (required.length > 0) return required.join(', ');
  if (schema.enum !== undefined) return 'a name';
  return typeLabels[schema.type ?? ''] ?? 'JSON';
}
