/** Schemas that several parts of a spec share. A `title` names a schema in openapi.yaml. */
import { Type, type TProperties, type TSchema } from 'typebox';

/** An object that refuses fields it does not know. */
export const strict = <P extends TProperties>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

export const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

/** One of some words. */
export const oneOf = <const T extends readonly string[]>(words: T, options: Record<string, unknown> = {}) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], ...options });

export const Positive = (description: string) => Type.Number({ exclusiveMinimum: 0, description });
export const Count = (description: string, minimum = 1) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description });
export const Seed = Type.Integer({
  minimum: 0,
  maximum: 0xffff_ffff,
  default: 42,
  description: 'Seed of the random numbers, 0 to 2^32 - 1',
});
