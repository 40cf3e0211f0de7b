/** Schemas that several parts of a spec share. A `title` names a schema in openapi.yaml. */
import { Type, type Static, type TProperties, type TSchema } from 'typebox';
import { suggestionNames } from '../types.js';

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

export const SuggestionName = oneOf(suggestionNames, {
  title: 'SuggestionName',
  description: 'A way to read a rate off the curve of the learning-rate finder',
});

const RatePerGroup = (description: string) =>
  Type.Union(
    [Type.Number({ exclusiveMinimum: 0 }), Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1 })],
    {
      description: `${description}: a number, or one a parameter group`,
    },
  );

export const lrFindArguments = {
  start_lr: optional(RatePerGroup('Rate to start from, 1e-7')),
  end_lr: optional(RatePerGroup('Rate to end with, 10')),
  num_it: optional(Count('Iterations, 100; fastai runs at least 6')),
  stop_div: optional(Type.Boolean({ description: 'Stop where the smoothed loss exceeds four times its best: true' })),
};

/** The suggestion of a finder that runs first, as a job of its own. */
export const FromLrFind = strict(
  {
    lr_find: Type.Union([SuggestionName, strict({ suggestion: SuggestionName, ...lrFindArguments })], {
      description: 'The suggestion to take, alone or with arguments of the finder',
    }),
  },
  {
    title: 'FromLrFind',
    description: 'A learning-rate finder runs first, as a job of its own; its suggestion is the rate',
  },
);

/** fastai's learning rate: a number, a slice, a list, or what a finder suggests. */
export const Rate = (description: string) =>
  Type.Union(
    [
      Type.Number({ exclusiveMinimum: 0 }),
      strict(
        {
          start: optional(
            Positive('Of the first parameter group; left out: a tenth of `stop` for all groups but the last'),
          ),
          stop: Positive('Of the last parameter group'),
        },
        { title: 'RateSlice', description: "fastai's slice: from `start` to `stop` in even factors" },
      ),
      Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, description: 'One a parameter group' }),
      FromLrFind,
    ],
    { description },
  );

export type RateRequest = Static<ReturnType<typeof Rate>>;
export type FromLrFindRequest = Static<typeof FromLrFind>;
