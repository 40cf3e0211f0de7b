/** Schema errors in the words of the one who sent the value: a pointer to each wrong field, and what would be right. */
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Settings } from 'typebox/system';
import type { FieldProblem } from '../errors.js';
import { child, follow, type JsonObject } from './json.js';

// A union reports each of its variants, so that the default of 8 would hide what comes after it.
Settings.Set({ maxErrors: 1000 });

interface SchemaError {
  keyword: string;
  schemaPath: string;
  instancePath: string;
  params: object;
  message: string;
}

interface AnySchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: AnySchema[];
  properties?: Record<string, AnySchema>;
  required?: string[];
  minItems?: number;
  title?: string;
  description?: string;
}

const validators = new WeakMap<object, Validator>();

function validator(schema: TSchema): Validator {
  const known = validators.get(schema) ?? Compile(schema);
  validators.set(schema, known);
  return known;
}

/**
 * What is wrong with a value, all of it; of a union, what is wrong with the variant that was meant. Empty where the
 * value is valid. `pointer` says where the value stands.
 */
export function problemsOf(schema: TSchema, value: unknown, pointer = ''): FieldProblem[] {
  return check(schema, value, pointer);
}

/**
 * What is wrong with an object, one problem per field: what is wrong inside of a field is said of the field.
 * For arguments that are one thing to whoever gives them, as a list of sizes is. Empty where the value is valid.
 */
export function fieldProblemsOf(schema: TSchema, value: unknown): FieldProblem[] {
  const byField = new Map<string, string[]>();
  for (const { pointer, detail } of problemsOf(schema, value)) {
    const [, field, ...inside] = pointer.split('/');
    const at = pointer === '' ? '' : `/${field}`;
    const said = inside.length === 0 ? detail : `${inside.join('/')}: ${detail}`;
    byField.set(at, [...(byField.get(at) ?? []), said]);
  }
  return [...byField].map(([pointer, details]) => ({ pointer, detail: details.join('; ') }));
}

/** Whether a schema takes a value. */
export function isValid<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return validator(schema).Check(value);
}

function check(schema: TSchema, value: unknown, at: string): FieldProblem[] {
  const compiled = validator(schema);
  if (compiled.Check(value)) return [];
  const errors = compiled.Errors(value) as SchemaError[];
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  const insideUnion = (error: SchemaError) =>
    unions.some(
      (union) =>
        error !== union &&
        error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`) &&
        error.instancePath.startsWith(union.instancePath),
    );
  return errors
    .filter((error) => error.keyword !== 'boolean' && !insideUnion(error))
    .flatMap((error) =>
      explain(
        error,
        follow(schema, error.schemaPath.slice(1)) as AnySchema,
        follow(value, error.instancePath),
        at + error.instancePath,
      ),
    );
}

function explain(error: SchemaError, schema: AnySchema, value: unknown, pointer: string): FieldProblem[] {
  if (error.keyword === 'anyOf') return explainUnion(schema, value, pointer);
  if (error.keyword === 'required') {
    return namesIn(error.params, 'requiredProperties').map((name) => ({
      pointer: child(pointer, name),
      detail: `is required${describe(schema.properties?.[name])}`,
    }));
  }
  if (error.keyword === 'additionalProperties') {
    return namesIn(error.params, 'additionalProperties').map((name) =>
      unknownField(pointer, name, Object.keys(schema.properties ?? {})),
    );
  }
  return [{ pointer, detail: `${sentence(error, schema)}, not ${shown(value)}` }];
}

function explainUnion(
  { anyOf: variants = [], description }: AnySchema,
  value: unknown,
  pointer: string,
): FieldProblem[] {
  const sameType = variants.filter((variant) => typesOf(variant).includes(typeOf(value)));
  const meaning = description === undefined ? '' : ` (${description})`;
  if (sameType.length === 1) return check(sameType[0], value, pointer);
  if (typeOf(value) === 'object' && sameType.length > 0) return explainObject(sameType, value as JsonObject, pointer);
  return [
    {
      pointer,
      detail: `must be ${choiceOf(variants)}${meaning}, not ${shown(value)}`,
    },
  ];
}

/**
 * Of several kinds of objects, takes the one that was meant: by its word (`name`, `type`, `fn`), else by the fields
 * that are there, and those that are wanting.
 */
function explainObject(variants: AnySchema[], object: JsonObject, pointer: string): FieldProblem[] {
  const key = keyOfWord(variants, object);
  if (key !== undefined) {
    const choices = variants.filter((variant) => wordsOf(variant.properties?.[key]).length > 0);
    const named = choices.find((variant) => wordsOf(variant.properties?.[key]).includes(object[key]));
    if (named) return check(named, object, pointer);
    const words = choices.flatMap((variant) => wordsOf(variant.properties?.[key])).join(', ');
    return [
      {
        pointer: child(pointer, key),
        detail: key in object ? `must be one of ${words}, not ${shown(object[key])}` : `is required: one of ${words}`,
      },
    ];
  }
  const shared = (variant: AnySchema) => Object.keys(variant.properties ?? {}).filter((name) => name in object).length;
  const missing = ({ required = [] }: AnySchema) => required.filter((name) => !(name in object)).length;
  const best = variants.toSorted((a, b) => shared(b) - shared(a) || missing(a) - missing(b))[0];
  if (shared(best) > 0) return check(best, object, pointer);
  const known = [...new Set(variants.flatMap((variant) => Object.keys(variant.properties ?? {})))];
  if (Object.keys(object).length > 0) return Object.keys(object).map((name) => unknownField(pointer, name, known));
  return [{ pointer, detail: `must be ${choiceOf(variants)}` }];
}

/** The field whose word tells the variants apart: one that the object has, or else one that all of them want. */
function keyOfWord(variants: AnySchema[], object: JsonObject): string | undefined {
  const keys = variants.map((variant) =>
    Object.entries(variant.properties ?? {})
      .filter(([, schema]) => wordsOf(schema).length > 0)
      .map(([name]) => name),
  );
  return (
    keys.flat().find((name) => name in object) ?? keys[0]?.find((name) => keys.every((names) => names.includes(name)))
  );
}

const unknownField = (pointer: string, name: string, known: string[]): FieldProblem => ({
  pointer: child(pointer, name),
  detail: `is not a known field; known here: ${known.join(', ')}`,
});

const wordsOf = (schema: AnySchema = {}): unknown[] =>
  schema.enum ?? (schema.const === undefined ? [] : [schema.const]);

function inWords(schema: AnySchema): string {
  const words = wordsOf(schema);
  if (words.length > 0) return words.map((word) => JSON.stringify(word)).join(', ');
  if (schema.anyOf) return choiceOf(schema.anyOf);
  const fields = schema.required?.length ? schema.required : Object.keys(schema.properties ?? {});
  if (schema.type === 'object') return `an object with ${fields.join(', ')}`;
  return withArticle(schema.type ?? 'something else');
}

const choiceOf = (variants: AnySchema[]): string => [...new Set(variants.map(inWords))].join(', or ');

const typesOf = (schema: AnySchema): string[] =>
  schema.anyOf?.flatMap(typesOf) ?? (schema.type === 'integer' ? ['number'] : [schema.type ?? 'any']);
const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

function sentence({ keyword, message }: SchemaError, schema: AnySchema): string {
  const words = wordsOf(schema);
  if (words.length > 0 && (keyword === 'enum' || keyword === 'const' || keyword === 'type'))
    return `must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}`;
  if (keyword === 'minItems' && schema.minItems === 1) return 'must not be empty';
  if (keyword === 'type') return `must be ${withArticle(schema.type ?? 'something else')}`;
  return message;
}

const withArticle = (type: string): string =>
  ({ array: 'a list', null: 'null', object: 'an object', integer: 'an integer', number: 'a finite number' })[type] ??
  `a ${type}`;
const describe = (schema?: AnySchema): string => (schema?.description === undefined ? '' : `: ${schema.description}`);

/** A value as a message can show it: without what webhooks are signed with. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length > 8 ? `a list of length ${value.length}` : textOf(value);
  return value === undefined ? 'nothing' : textOf(value);
}

const textOf = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/whsec_[^"]*/g, 'whsec_…')
    .slice(0, 80);

const namesIn = (params: object, key: string): string[] =>
  ((params as Record<string, unknown>)[key] as string[] | undefined) ?? [];
