/** Where the rows come from. */
import { Type, type Static } from 'typebox';
import { Count, oneOf, optional, strict } from './common.js';

const seed = optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'Seed of the random numbers' }));

/** Rows are checked by src/data, which knows their shape: nested arrays of numbers. */
const Rows = (description: string) => Type.Unsafe<unknown>({ type: 'array', minItems: 1, description });

export const Dataset = Type.Union(
  [
    strict(
      { builtin: Type.String({ description: 'Name of a data set that comes with the service', examples: ['digits'] }) },
      { title: 'BuiltinDataset' },
    ),
    strict(
      {
        inline: strict({
          x: Rows('Rows first; images are [height, width, channels]'),
          y: Rows('One a row: integers are classes, other numbers values to predict'),
        }),
      },
      { title: 'InlineDataset' },
    ),
    strict(
      {
        random: strict({
          shape: Type.Array(Count('Length'), { minItems: 1, maxItems: 4, description: 'Shape of one row' }),
          classes: optional(Count('Classes to tell apart; or `outputs`', 2)),
          outputs: optional(Count('Values to predict; or `classes`')),
          rows: Count('Rows'),
          seed,
          dtype: optional(
            oneOf(['float32', 'uint8'], { description: 'Normal numbers, or bytes as images have them: float32' }),
          ),
        }),
      },
      { title: 'RandomDataset', description: 'Random rows of a shape, for load tests' },
    ),
    strict(
      { synthetic: strict({ rows: optional(Count('Rows')), seed }) },
      { title: 'SyntheticDataset', description: "y = 2x + 3 and noise, as fastai's tests have it" },
    ),
  ],
  { title: 'Dataset', description: 'The rows to learn from' },
);
export type DatasetRequest = Static<typeof Dataset>;
