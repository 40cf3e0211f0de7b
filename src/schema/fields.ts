/**
 * The fields that schemas are made of. A schema's `title` names it in openapi.yaml, `description` says what it means,
 * in which unit.
 */
import { Type, type Static, type TOptional, type TProperties, type TSchema } from 'typebox';

type Options = Record<string, unknown>;

/** An object that refuses fields it does not know. */
export const strict = <P extends TProperties>(properties: P, options: Options = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** A field that may be left out. */
export const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

/** A field that may be left out, and is then `value`: `complete` fills it in, the documents say so. */
export const defaulted = <S extends TSchema>(schema: S, value: Static<S>): TOptional<S & { default: Static<S> }> => {
  // TypeBox reads a default from a schema's options, and its types know of none.
  return Type.Optional(Object.assign(schema, { default: value })) as TOptional<S & { default: Static<S> }>;
};

/** The schema, or null. */
export const nullable = <S extends TSchema>(schema: S, options: Options = {}) =>
  Type.Union([schema, Type.Null()], options);

/** A number, or null where JSON has none: it is NaN or infinite, or there is no value. */
export const MaybeNumber = (description: string) => nullable(Type.Number(), { description });

/** One of some words. */
export const oneOf = <const T extends readonly string[]>(words: T, options: Options = {}) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], ...options });

/** Any list, whose items are checked elsewhere: for rows by the million, and for what no schema can say. */
export const AnyList = (description: string, items: object = {}) =>
  Type.Unsafe<unknown[]>({ type: 'array', minItems: 1, description, [documentedItems]: items });

/** What the items of an `AnyList` are: for the documents alone, as no check is to look at each of a million. */
export const documentedItems = 'x-items';

/** A number, or nested lists of numbers. */
export const Nested = { anyOf: [{ type: 'number' }, { type: 'array', items: {} }] };

/** Above 0. */
export const Positive = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

/** 0 or more. */
export const NotNegative = (description: string) => Type.Number({ minimum: 0, description });

/** From 0 to 1. */
export const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

/** From 0 to below 1: at 1 a moving average would never move. */
export const Decay = (description: string) => Type.Number({ minimum: 0, exclusiveMaximum: 1, description });

/** Between 0 and 1, without these two. */
export const InsideZeroOne = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description });

/** A whole number, of 1 or more unless `minimum` says otherwise. */
export const Count = (description: string, minimum = 1) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description });

/** A whole number that is counted by us: 0 or more. `more`: of its schema. */
export const Whole = (description: string, more: { examples?: number[] } = {}) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description, ...more });

/** A moment, as ISO 8601 has it. */
export const Time = (description: string) => Type.String({ format: 'date-time', description });

/** Such a moment, or null. */
export const MaybeTime = (description: string) => nullable(Type.String({ format: 'date-time' }), { description });

/** True or false. */
export const Flag = (description: string) => Type.Boolean({ description });

/** Of random numbers: 0 to 2^32 - 1. */
export const Seed = (description = 'Seed of the random numbers, 0 to 2^32 - 1') =>
  Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description });

/**
 * One value for all parameter groups, or a list with one for each (or one for all): fastai's way to give
 * hyperparameters.
 */
export const PerGroup = <S extends TSchema>(value: S, description: string) =>
  Type.Union([value, Type.Array(value, { minItems: 1 })], {
    description: `${description}: one value, or a list with one per parameter group`,
  });

/** A model that was posted to /models, by its id. */
export const ModelId = (description: string) =>
  Type.String({ pattern: '^mdl_[A-Za-z0-9]+$', description, examples: ['mdl_8fK2'] });

/** What was given elsewhere, named by its content. */
export const Sha256 = (description: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `${description}: its SHA-256, in hexadecimal` });
