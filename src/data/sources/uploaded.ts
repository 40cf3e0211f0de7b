/** Rows that were uploaded: `POST /datasets`. A request names them; a job's record says all that a trainer needs. */
import { Type, type Static } from 'typebox';
import { invalidSpec, OnecycleError } from '../../errors.js';
import { Count, nullable, oneOf, optional, Sha256, strict } from '../../schema/fields.js';
import { Reading } from '../files/reading.js';
import { FillMissingSchema } from '../processing/table/fill-missing.js';
import { BatchTransformsSchema, ItemTransformsSchema } from '../transforms/index.js';
import { TableFeaturesSchema, TargetSchema, type DatasetInfo } from '../types.js';
import type { Source } from './source.js';

/** The kinds of data that can be uploaded. */
export const uploadKinds = ['table', 'images', 'arrays'] as const;

const id = Type.String({ minLength: 1, description: 'Id of an uploaded data set', examples: ['ds_8c1f0a'] });
const Name = Type.String({ minLength: 1 });
const columns = (description: string) => Type.Array(Name, { uniqueItems: true, description });

/** Where the label of a picture stands. */
export const LabelSchema = Type.Union(
  [
    strict(
      { folder: Type.Literal(true, { description: 'The name of its folder: fastai’s parent_label' }) },
      { title: 'LabelFromFolder' },
    ),
    strict(
      {
        regex: Type.String({
          minLength: 1,
          maxLength: 500,
          description:
            'The first group of this regular expression, matched against the file name: fastai’s from_name_re',
          examples: ['^(.*)_\\d+\\.jpg$'],
        }),
      },
      { title: 'LabelFromName' },
    ),
    strict(
      {
        upper: Type.Literal(true, {
          description: 'Whether the file name begins with a capital letter: fastai’s is_cat, from_name_func',
        }),
      },
      { title: 'LabelFromCase' },
    ),
    strict(
      {
        csv: Type.String({ minLength: 1, description: 'A CSV in the archive', examples: ['labels.csv'] }),
        file: Type.String({ minLength: 1, description: 'Its column with the file names' }),
        column: Type.String({ minLength: 1, description: 'Its column with the labels' }),
      },
      { title: 'LabelFromCsv' },
    ),
  ],
  { description: 'Where the label of a picture comes from; left out: its folder' },
);
/** As the schema says. */
export type Label = Static<typeof LabelSchema>;

const task = oneOf(['classification', 'regression'], {
  description:
    'Whether to predict classes or numbers. Left out: a regression if every target is a column of ' +
    'numbers, as fastai guesses, unless the loss says otherwise',
});

/** What a client may write for uploaded rows; which of the fields fit depends on the kind of data. */
export const UploadedSchema = strict(
  {
    id,
    target: optional(
      Type.Union([Name, Type.Array(Name, { minItems: 1, uniqueItems: true })], {
        description: 'For a table, required: the column to predict; for a regression also several',
      }),
    ),
    categorical: optional(
      columns('For a table: columns that are categories. Left out: fastai’s guess (cont_cat_split, max_card 20)'),
    ),
    continuous: optional(columns('For a table: columns that are numbers. Left out: fastai’s guess')),
    fill_missing: optional(FillMissingSchema),
    task: optional(task),
    label: optional(LabelSchema),
    item_tfms: optional(ItemTransformsSchema),
    batch_tfms: optional(BatchTransformsSchema),
  },
  { title: 'UploadedDataset', description: 'Rows that were uploaded: a table, images, or arrays' },
);
/** As the schema says. */
export type UploadedRequest = Static<typeof UploadedSchema>;

/** What is known of the rows without reading them. */
export const StoredRows = strict(
  {
    sha256: Sha256('The file'),
    kind: oneOf(uploadKinds, { description: 'What is in it' }),
    rows: Count('Number of rows'),
    x_shape: Type.Array(Count('Length of an axis'), { description: 'Shape of one row of the model’s input' }),
    predicts: TargetSchema,
    classes: nullable(Type.Array(Type.String()), {
      description: 'The names of the classes, in the order of their indexes; null for a regression',
    }),
    features: optional(TableFeaturesSchema),
    reading: optional(Reading),
  },
  { title: 'StoredRows', description: 'The rows as they were when the job was posted' },
);
/** As the schema says. */
export type StoredRows = Static<typeof StoredRows>;

/** What a record has: every default filled in, and what the file holds. */
export const UploadedRowsSchema = strict(
  {
    id,
    target: optional(Type.Array(Name, { description: 'For a table: the columns to predict' })),
    categorical: optional(columns('For a table: columns that are categories')),
    continuous: optional(columns('For a table: columns that are numbers')),
    fill_missing: optional(FillMissingSchema),
    task: oneOf(['classification', 'regression'], { description: 'Whether classes or numbers are predicted' }),
    guessed: optional(
      Type.Array(oneOf(['categorical', 'continuous', 'task', 'label', 'normalize']), {
        description: 'Fields that the request left out and that were guessed',
      }),
    ),
    label: optional(LabelSchema),
    item_tfms: optional(ItemTransformsSchema),
    batch_tfms: optional(BatchTransformsSchema),
    stored: StoredRows,
  },
  { title: 'UploadedRows', description: 'Rows that were uploaded' },
);
/** As the schema says. */
export type UploadedSpec = Static<typeof UploadedRowsSchema>;

/** What a request says of other rows that are to be taken as these are: the roles of columns, labels, transforms. */
export const takenAlike = ({
  target,
  categorical,
  continuous,
  label,
  item_tfms,
  batch_tfms,
}: UploadedSpec): Omit<UploadedRequest, 'id'> => ({
  ...(target && { target }),
  ...(categorical && { categorical }),
  ...(continuous && { continuous }),
  ...(label && { label }),
  ...(item_tfms && { item_tfms }),
  ...(batch_tfms && { batch_tfms }),
});

/** Uploaded rows. What is wrong with them was told when the job was posted; they are read by `openData`. */
export const uploaded: Source<UploadedSpec> = {
  name: 'id',
  problems: () => [],
  describe: ({ stored }) => describeStored(stored),
  load() {
    throw new OnecycleError('bad_data', 'Uploaded rows are read by openData, not by loadDataset');
  },
};

/** What a model is planned for. */
export const describeStored = ({ rows, x_shape, predicts, features }: StoredRows): DatasetInfo => ({
  rows,
  x_shape,
  target: predicts,
  ...(features && { features }),
});

/** The spec of uploaded rows. @throws OnecycleError `invalid_spec` where the request's form has not been resolved */
export function resolved(spec: { id: string }): UploadedSpec {
  if (!('stored' in spec)) throw invalidSpec('/dataset/id', 'must be resolved with the record of the data set');
  return spec as UploadedSpec;
}
