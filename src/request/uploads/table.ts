/** An uploaded table as the data set of a job. */
import { FillMissingSchema } from '../../data/processing/table/fill-missing.js';
import { markCardinality, missingName } from '../../data/processing/table/spec.js';
import type { KeptColumn } from '../../data/profile/schema.js';
import {
  describeStored,
  type StoredRows,
  type UploadedRequest,
  type UploadedSpec,
} from '../../data/sources/uploaded.js';
import type { Target, TableFeatures } from '../../data/types.js';
import type { SplitRequest } from '../../data/split/index.js';
import { complete } from '../../schema/complete.js';
import { child } from '../../schema/json.js';
import type { ResolvedUpload } from '../resolved-dataset.js';
import { Problems } from '../problems.js';
import { contCatSplit } from './cont-cat-split.js';
import { oneClass, type Upload } from './upload.js';

type Columns = ReadonlyMap<string, KeptColumn>;
type Guessed = NonNullable<UploadedSpec['guessed']>;

/** The category for a missing value, which every column of categories has: fastai's `#na#`. */
const forMissing = 1;

/**
 * @param kind what the loss needs, where it is known
 * @throws OnecycleError `invalid_spec`, its pointers from the body's root
 */
export function resolveTable(
  request: UploadedRequest,
  upload: Upload,
  kind: Target['kind'] | undefined,
  split: SplitRequest | undefined,
): ResolvedUpload {
  const problems = new Problems();
  const { profile } = upload;
  const columns: Columns = new Map((profile.columns ?? []).map((column) => [column.name, column]));
  for (const field of ['label', 'item_tfms', 'batch_tfms'] as const)
    if (request[field] !== undefined)
      problems.add(`/dataset/${field}`, 'must be left out: the data set is a table, not images');
  const target = targetsOf(request, columns, problems);
  const guessed: Guessed = [];
  const features = featuresOf(
    request,
    columns,
    [...target, ...(split && 'column' in split ? [split.column] : [])],
    guessed,
    problems,
  );
  problems.throwAny();
  const task = taskOf(
    request,
    target.map((name) => columns.get(name)!),
    kind,
    guessed,
    problems,
  );
  const predicted = predictedOf(
    target.map((name) => columns.get(name)!),
    task,
    problems,
  );
  problems.throwAny();
  const fill = complete(FillMissingSchema, request.fill_missing ?? {});
  checkFills(fill.fill_vals, features.continuous, problems);
  problems.throwAny();
  const shape = shapeOf(features, columns, fill.add_col);
  const stored: StoredRows = {
    sha256: upload.sha256,
    kind: 'table',
    rows: profile.rows,
    x_shape: [shape.cardinalities.length + shape.continuous],
    ...predicted,
    features: shape,
    ...(profile.reading && { reading: profile.reading }),
  };
  const spec: UploadedSpec = {
    id: upload.id,
    target,
    ...features,
    fill_missing: fill,
    task,
    ...(guessed.length > 0 && { guessed }),
    stored,
  };
  return { spec, info: describeStored(stored) };
}

function targetsOf({ target }: UploadedRequest, columns: Columns, problems: Problems): string[] {
  if (target === undefined) {
    problems.add('/dataset/target', `is required: the column to predict, one of ${namesOf(columns)}`);
    return [];
  }
  const names = [target].flat();
  for (const [i, name] of names.entries())
    if (!columns.has(name))
      problems.add(Array.isArray(target) ? `/dataset/target/${i}` : '/dataset/target', unknownColumn(name, columns));
  return names;
}

const namesOf = (columns: Columns): string =>
  [...columns.keys()].slice(0, 50).join(', ') + (columns.size > 50 ? ', …' : '');
const unknownColumn = (name: string, columns: Columns): string =>
  `must be a column of the data set, not ${JSON.stringify(name)}; there are ${namesOf(columns)}`;

/** Those that are given, and a guess of those that are not, from the columns that nothing else is made of. */
function featuresOf(
  request: UploadedRequest,
  columns: Columns,
  taken: readonly string[],
  guessed: Guessed,
  problems: Problems,
): { categorical: string[]; continuous: string[] } {
  const given = { categorical: request.categorical, continuous: request.continuous };
  for (const field of ['categorical', 'continuous'] as const) {
    for (const [i, name] of (given[field] ?? []).entries()) {
      const at = `/dataset/${field}/${i}`;
      const type = columns.get(name)?.type;
      if (type === undefined) problems.add(at, unknownColumn(name, columns));
      else if (taken.includes(name))
        problems.add(at, `must be another column: ${JSON.stringify(name)} is the target, or splits the rows`);
      else if (field === 'continuous' && given.categorical?.includes(name))
        problems.add(at, 'must not be categorical as well');
      else if (field === 'continuous' && type !== 'number')
        problems.add(at, `must be a column of numbers; ${JSON.stringify(name)} is ${type}`);
    }
  }
  const named = [...taken, ...(given.categorical ?? []), ...(given.continuous ?? [])];
  const guess = contCatSplit([...columns.values()].filter(({ name }) => !named.includes(name)));
  for (const field of ['categorical', 'continuous'] as const) if (given[field] === undefined) guessed.push(field);
  const features = {
    categorical: given.categorical ?? guess.categorical,
    continuous: given.continuous ?? guess.continuous,
  };
  if (features.categorical.length + features.continuous.length === 0)
    problems.add('/dataset', 'must have at least one column to predict from');
  for (const [i, name] of features.continuous.entries()) {
    const at = given.continuous ? `/dataset/continuous/${i}` : '/dataset/continuous';
    checkRange(columns.get(name), at, problems);
  }
  return features;
}

function taskOf(
  { task }: UploadedRequest,
  targets: readonly KeptColumn[],
  kind: Target['kind'] | undefined,
  guessed: Guessed,
  problems: Problems,
): UploadedSpec['task'] {
  const byLoss = kind && (kind === 'classes' ? 'classification' : 'regression');
  if (task !== undefined) {
    if (byLoss !== undefined && byLoss !== task) problems.add('/dataset/task', `must be ${byLoss}, to fit the loss`);
    return task;
  }
  guessed.push('task');
  return byLoss ?? (targets.every(({ type }) => type === 'number') ? 'regression' : 'classification');
}

function predictedOf(
  targets: readonly KeptColumn[],
  task: UploadedSpec['task'],
  problems: Problems,
): Pick<StoredRows, 'predicts' | 'classes'> {
  for (const { name, missing } of targets)
    if (missing > 0)
      problems.add(
        '/dataset/target',
        `${JSON.stringify(name)} has ${missing} ${missing === 1 ? 'row' : 'rows'} without a value: fill them in, or leave these rows out of the file`,
      );
  if (task === 'regression') {
    for (const { name, type } of targets)
      if (type !== 'number')
        problems.add(
          '/dataset/target',
          `must be a column of numbers for a regression; ${JSON.stringify(name)} is ${type}`,
        );
    for (const target of targets) checkRange(target, '/dataset/target', problems);
    return { predicts: { kind: 'values', outputs: Math.max(1, targets.length) }, classes: null };
  }
  const [{ name, values, unique }] = targets;
  if (targets.length > 1) problems.add('/dataset/target', 'must be one column for a classification');
  else if (!values)
    problems.add(
      '/dataset/target',
      `${JSON.stringify(name)} has ${unique} values, too many for classes: is it an identifier, or is the task a regression?`,
    );
  const classes = (values ?? []).map((value) => value.name);
  if (classes.length === 1)
    problems.add(
      '/dataset/target',
      `${JSON.stringify(name)} is ${JSON.stringify(classes[0])} in every row: ${oneClass}`,
    );
  return { predicts: { kind: 'classes', classes: Math.max(1, classes.length) }, classes };
}

/** Numbers become float32, in which a larger one is infinite. */
function checkRange(column: KeptColumn | undefined, at: string, problems: Problems): void {
  const ends = [column?.min, column?.max].filter((value) => typeof value === 'number');
  const far = ends.find((value) => !Number.isFinite(Math.fround(value)));
  if (column && far !== undefined)
    problems.add(at, `must be numbers below 3.4e38; ${JSON.stringify(column.name)} has ${far}`);
}

function checkFills(values: Record<string, number>, continuous: readonly string[], problems: Problems): void {
  for (const name of Object.keys(values))
    if (!continuous.includes(name))
      problems.add(
        child('/dataset/fill_missing/fill_vals', name),
        `must be one of the continuous columns: ${continuous.join(', ') || 'there is none'}`,
      );
}

/** Of all rows: what is fitted on those that train has at most so many values. */
function shapeOf(
  { categorical, continuous }: { categorical: string[]; continuous: string[] },
  columns: Columns,
  addColumns: boolean,
): TableFeatures {
  const cardinality = (name: string): number => {
    const { unique, approximate } = columns.get(name)!;
    return Math.ceil(approximate === true ? 1.05 * unique : unique) + forMissing;
  };
  // FillMissing adds a column to each that has gaps: whether there was one.
  const gaps = addColumns ? continuous.filter((name) => columns.get(name)!.missing > 0) : [];
  return {
    cardinalities: [...categorical.map(cardinality), ...gaps.map(() => markCardinality)],
    continuous: continuous.length,
    names: [...categorical, ...gaps.map(missingName)],
  };
}
