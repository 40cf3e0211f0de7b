/** Jobs to start from: for each kind of data, a model that fits. */
import type { Dataset, JobRequest } from '../client/index.js';
import { CliError } from './exit-codes.js';

/** What ships with the service, and what there is to predict. */
export const builtins = { digits: 'classes', iris: 'classes', diabetes: 'values' } as const;

type Data = Pick<JobRequest, 'dataset' | 'model' | 'metrics' | 'batch_size'>;

/** The share of the rows that train, and the batch size, where a job says nothing of them. */
const trained = 0.8;
const usualBatch = 64;

/** Whether a name is that of a data set that ships with the service. */
export const isBuiltin = (name: string): name is keyof typeof builtins => Object.hasOwn(builtins, name);

/** A job's data and model, on what ships with the service. */
export const onBuiltin = (name: keyof typeof builtins): Data => ({
  dataset: { builtin: name },
  model: { preset: 'mlp', hidden: [64] },
  metrics: builtins[name] === 'classes' ? ['accuracy'] : ['mae'],
});

/** The same, on an uploaded data set. @throws CliError where a table's target is not one of its columns */
export function onUpload(dataset: Dataset, target?: string): Data {
  return { ...dataAndModel(dataset, target), ...batchSize(dataset.rows) };
}

/** Of few rows batches of the usual size would leave nothing to train. */
function batchSize(rows: number): Pick<JobRequest, 'batch_size'> {
  const fits = 2 ** Math.floor(Math.log2(Math.max(1, (rows * trained) / 4)));
  return fits < usualBatch ? { batch_size: fits } : {};
}

function dataAndModel({ id, kind, columns = [] }: Dataset, target?: string): Data {
  if (kind === 'images')
    return {
      dataset: {
        id,
        label: { folder: true },
        item_tfms: [{ name: 'resize', size: 128 }],
        batch_tfms: [{ name: 'aug_transforms' }, { name: 'normalize', stats: 'imagenet' }],
      },
      model: { preset: 'xresnet18' },
      metrics: ['accuracy'],
    };
  if (kind === 'arrays') return { dataset: { id }, model: { preset: 'mlp', hidden: [64] } };
  const names = columns.map(({ name }) => name);
  if (target === undefined) throw new CliError(`--target names the column to predict, one of ${names.join(', ')}.`);
  if (!names.includes(target)) throw new CliError(`${id} has no column ${target}: it has ${names.join(', ')}.`);
  return { dataset: { id, target }, model: { preset: 'tabular' } };
}

/** One cycle, at a given rate or at the one that a finder suggests. */
export const policyOf = (n_epoch: number, lr?: number): JobRequest['policy'] => ({
  name: 'fit_one_cycle',
  n_epoch,
  lr_max: lr ?? { lr_find: 'valley' },
});
