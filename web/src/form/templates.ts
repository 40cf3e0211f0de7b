/** Jobs to begin with. */
import type { Json } from './schema.js';

/** A job, and what to call it. */
export interface Template {
  name: string;
  spec: Json;
}

const found = { lr_find: 'valley' };
const table = { policy: { name: 'fit_one_cycle', n_epoch: 5, lr_max: found }, model: { preset: 'tabular' } };
const pictures = {
  policy: { name: 'fine_tune', epochs: 5 },
  dataset: { id: '', item_tfms: [{ name: 'resize', size: 128 }] },
  model: { preset: 'vision' },
  batch_size: 16,
};

/** The first is what the form shows when nothing else is asked for. */
export const templates: readonly Template[] = [
  {
    name: 'Digits',
    spec: {
      policy: { name: 'fit_one_cycle', n_epoch: 10, lr_max: found },
      dataset: { builtin: 'digits' },
      model: { preset: 'mlp', hidden: [64] },
      metrics: ['accuracy'],
    },
  },
  {
    name: 'Iris',
    spec: {
      policy: { name: 'fit_one_cycle', n_epoch: 30, lr_max: 0.03 },
      dataset: { builtin: 'iris' },
      model: { preset: 'mlp', hidden: [16] },
      batch_size: 16,
      metrics: ['accuracy'],
    },
  },
  { name: 'Your table', spec: { ...table, dataset: { id: '', target: '' } } },
  { name: 'Your pictures', spec: pictures },
];

/** What there is to know of an uploaded data set. */
interface Uploaded {
  id: string;
  kind: 'table' | 'images' | 'arrays';
  columns?: readonly { name: string; type: string }[];
}

/** A job for an uploaded data set. Of a table the last column is taken for the target: most have it there. */
export function jobFor({ id, kind, columns = [] }: Uploaded): Json {
  if (kind === 'images') return { ...pictures, dataset: { ...pictures.dataset, id } };
  if (kind === 'arrays') return { ...table, dataset: { id }, model: { preset: 'mlp' } };
  return { ...table, dataset: { id, target: columns.at(-1)?.name ?? '' } };
}
