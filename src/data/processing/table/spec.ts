/** What is kept of a table's processing: fastai's `Categorify`, `FillMissing` and `Normalize`, fitted. Plain JSON. */
import { Type, type Static } from 'typebox';
import { Flag, oneOf, optional, Positive, strict } from '../../../schema/fields.js';
import { Reading } from '../../files/reading.js';
import type { TableFeatures, Target } from '../../types.js';

const Name = Type.String({ description: 'The name of the column' });
const ColumnType = oneOf(['number', 'text', 'date'], { description: 'Type of the values' });
const Values = Type.Array(Type.Union([Type.String(), Type.Number()]), {
  description: 'Its values in order; dates are milliseconds since 1970',
});

/** A column that is a category. */
const CategorySchema = strict({ name: Name, type: ColumnType, values: Values });
/** As the schema says. Index 0 is for what is missing or unknown, so the first value has index 1. */
export type Category = Static<typeof CategorySchema>;

/** A column of numbers. */
const ContinuousSchema = strict({
  name: Name,
  type: oneOf(['number', 'date'], { description: 'Type of the values; dates are milliseconds since 1970' }),
  fill: Type.Number({ description: 'The value that replaces missing ones' }),
  marked: Flag('Whether a category NAME_na marks missing values: it does if a training row misses one'),
  mean: Type.Number({ description: 'Mean over the training rows, missing values filled' }),
  std: Positive('Standard deviation over the training rows, plus 1e-7'),
});
/** As the schema says. */
export type Continuous = Static<typeof ContinuousSchema>;

const TableTargetSchema = Type.Union([
  strict({ kind: Type.Literal('classes'), name: Name, type: ColumnType, values: Values }),
  strict({ kind: Type.Literal('values'), names: Type.Array(Name, { description: 'Columns of numbers, unchanged' }) }),
]);
/** What the columns to predict are: a category, or numbers. */
export type TableTarget = Static<typeof TableTargetSchema>;

/** A table's processing. */
export const TableProcessingSchema = strict({
  kind: Type.Literal('table'),
  categorical: Type.Array(CategorySchema, { description: 'Categories, first in a row' }),
  continuous: Type.Array(ContinuousSchema, { description: 'Columns of numbers, last in a row' }),
  target: TableTargetSchema,
  reading: optional(Reading),
});
/** As the schema says. */
export type TableProcessing = Static<typeof TableProcessingSchema>;

/** What fastai calls the category that says where a column's value was missing. */
export const missingName = (name: string): string => `${name}_na`;

/** #na#, False and True. */
export const markCardinality = 3;

/** Columns whose missing values have a category of their own. */
const marked = ({ continuous }: TableProcessing): Continuous[] => continuous.filter((column) => column.marked);

/** How a row stands in its numbers: the categories, the marks of what was missing, the other columns. */
export function featuresOf(spec: TableProcessing): Required<TableFeatures> {
  const marks = marked(spec);
  return {
    cardinalities: [...spec.categorical.map(({ values }) => values.length + 1), ...marks.map(() => markCardinality)],
    names: [...spec.categorical.map(({ name }) => name), ...marks.map(({ name }) => missingName(name))],
    continuous: spec.continuous.length,
  };
}

/** Numbers of a row. */
export function widthOf(spec: TableProcessing): number {
  const { cardinalities, continuous } = featuresOf(spec);
  return cardinalities.length + continuous;
}

/** What is predicted. */
export const targetOf = ({ target }: TableProcessing): Target =>
  target.kind === 'classes'
    ? { kind: 'classes', classes: target.values.length }
    : { kind: 'values', outputs: target.names.length };
