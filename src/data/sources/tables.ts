/** Uploaded tables, their processing fitted on the rows that train. */
import { OnecycleError, recoded } from '../../errors.js';
import type { Reading } from '../files/reading.js';
import { readTable } from '../files/read-table.js';
import { fitTable } from '../processing/table/fit.js';
import { encodeTable, openTable, type TableRoles } from '../processing/table/open.js';
import type { TableProcessing, TableTarget } from '../processing/table/spec.js';
import { splitRows, type RowFacts, type Split, type SplitRows } from '../split/index.js';
import { gatherColumn, textAt } from '../table/gather.js';
import type { TableSource } from '../table/table.js';
import type { Dataset } from '../types.js';
import type { LoadOptions } from './source.js';
import type { UploadedSpec } from './uploaded.js';

/** Rows as a model takes them, which of them train, and how raw rows become such. */
export interface LoadedTable extends SplitRows {
  dataset: Dataset;
  processing: TableProcessing;
}

/**
 * Reads a table; rows of a second file that validates come after those of the first.
 * @param files of the data set, then of a second one where the split names it
 * @param options.scratch a folder for rows that are too many to lie in memory
 * @param options.fitted what a model that goes on was trained through: its categories keep their indexes
 * @throws OnecycleError `bad_data` where a file is not what it was when the job was posted
 */
export async function loadTable(
  spec: UploadedSpec,
  split: Split,
  files: readonly string[],
  { scratch, fitted }: Pick<LoadOptions, 'scratch' | 'fitted'> = {},
): Promise<LoadedTable> {
  const readings = readingsOf(spec, split);
  const rows = spec.stored.rows + ('dataset' in split ? split.stored.rows : 0);
  const whole = (names: readonly string[]) => tableOf(files, readings, names);
  const facts = await factsOf(spec, split, (name) => gatherColumn(whole([name]), name, rows));
  const { train, valid } = splitRows(rows, split, facts);
  const roles = rolesOf(spec);
  const source = whole(columnsOf(roles));
  if (fitted?.kind === 'table' && isFor(fitted, roles)) {
    // Another target than the model had, or other classes, is what it learns now.
    const processing = { ...fitted, target: await targetFor(roles, (name) => whole([name])) };
    return { dataset: await encodeTable(source, processing, { rows, scratch }), processing, train, valid };
  }
  const { dataset, processing } = await openTable(source, train, roles, { rows, scratch });
  return { dataset, processing: { ...processing, reading: only(readings[0], featuresOf(roles)) }, train, valid };
}

/** What a table's target is, by all of its rows. */
async function targetFor({ target }: TableRoles, column: (name: string) => TableSource): Promise<TableTarget> {
  if (target.kind === 'values') return { kind: 'values', names: [...target.columns] };
  const alone = { categorical: [], continuous: [], target };
  return (await fitTable(column(target.column), new Int32Array(0), alone)).target;
}

/** What the columns are for, as the spec of an uploaded table says it. */
export function rolesOf({
  target = [],
  categorical = [],
  continuous = [],
  task,
  fill_missing,
}: UploadedSpec): TableRoles {
  return {
    categorical,
    continuous,
    target: task === 'classification' ? { kind: 'classes', column: target[0] } : { kind: 'values', columns: target },
    ...(fill_missing && { fill_missing }),
  };
}

/** Files that are one table: the rows of one after those of another, of these columns alone. */
export function tableOf(files: readonly string[], readings: readonly Reading[], names: readonly string[]): TableSource {
  return {
    async *parts() {
      try {
        for (const [i, file] of files.entries()) yield* readTable(file, only(readings[i], names)).parts();
      } catch (cause) {
        throw recoded(cause, 'invalid_dataset', 'bad_data');
      }
    },
  };
}

function readingsOf({ id, stored }: UploadedSpec, split: Split): Reading[] {
  const readings = [stored.reading, ...('dataset' in split ? [split.stored.reading] : [])];
  return readings.map((reading) => {
    if (reading) return reading;
    throw new OnecycleError('bad_data', `It is not known how the table ${id} is read`);
  });
}

/** Whether a processing is of these columns to predict from. */
function isFor({ categorical, continuous }: TableProcessing, roles: TableRoles): boolean {
  const names = (columns: readonly { name: string }[]) => JSON.stringify(columns.map(({ name }) => name));
  return (
    names(categorical) === JSON.stringify(roles.categorical) && names(continuous) === JSON.stringify(roles.continuous)
  );
}

const featuresOf = ({ categorical, continuous }: TableRoles): string[] => [...categorical, ...continuous];
const columnsOf = (roles: TableRoles): string[] => [
  ...featuresOf(roles),
  ...(roles.target.kind === 'classes' ? [roles.target.column] : roles.target.columns),
];

const only = (reading: Reading, names: readonly string[]): Reading => ({
  ...reading,
  columns: reading.columns.filter(({ name }) => names.includes(name)),
});

/** What the split looks at. */
async function factsOf(
  { target = [], stored }: UploadedSpec,
  split: Split,
  gather: (name: string) => ReturnType<typeof gatherColumn>,
): Promise<RowFacts> {
  if ('column' in split) return { column: await gather(split.column) };
  if (!('stratified' in split)) return {};
  const column = await gather(target[0]);
  const places = new Map((stored.classes ?? []).map((name, place) => [name, place]));
  return { labels: Int32Array.from({ length: stored.rows }, (_, row) => places.get(textAt(column, row) ?? '') ?? -1) };
}
