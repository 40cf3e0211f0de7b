/** Where rows may come from. */
import { Type, type Static, type TSchema } from 'typebox';
import { invalidSpec, invalidSpecs } from '../../errors.js';
import { shared } from '../../numbers/memory.js';
import type { MemoryDataset, DatasetInfo, Target } from '../types.js';
import { builtin } from './builtin.js';
import { inline, InlineRowsSchema, InlineSchema } from './inline.js';
import { random } from './random.js';
import type { LoadOptions, Source } from './source.js';
import { synthetic } from './synthetic.js';
import { resolved, uploaded, UploadedRowsSchema, UploadedSchema } from './uploaded.js';

export { datasetNames } from './builtin.js';

/** Sources that a record names as the request did. A new one is a file beside these and a line here. */
const named = [builtin, random, synthetic] as const;

/** All of them: what stands under `inline` in a request is kept in storage, and so is what an `id` names. */
const sources: readonly Source[] = [...named, inline, uploaded];

type Named = Static<(typeof named)[number]['schema']>;

/** A data set as a request has it. */
export type DatasetRequest = Named | Static<typeof InlineSchema> | Static<typeof UploadedSchema>;

/** A data set as a job's record has it: inline and uploaded rows are named by shape and hash. */
export type DatasetSpec = Named | Static<typeof InlineRowsSchema> | Static<typeof UploadedRowsSchema>;

/** What a data set is read by: of inline rows, the file alone counts. */
export type DatasetSource = Named | { inline: unknown } | Static<typeof UploadedRowsSchema>;

const union = (...kept: TSchema[]) => {
  const [first, ...others] = named.map(({ schema }) => schema);
  return [first, ...kept, ...others];
};

/** What a client may write for a data set. */
export const DatasetSchema = Type.Unsafe<DatasetRequest>(
  Type.Union(union(InlineSchema, UploadedSchema), { title: 'Dataset', description: 'The rows to train on' }),
);

/** What a job's record says of its data set. */
export const DatasetSpecSchema = Type.Unsafe<DatasetSpec>(
  Type.Union(union(InlineRowsSchema, UploadedRowsSchema), {
    title: 'DatasetSpec',
    description: 'The rows to train on',
  }),
);

/**
 * What is known of a data set without reading a row. Inline rows have to be read for that, when they come:
 * `parseInline`.
 * @param kind what the loss needs, where it is known: classes can stand as values, too
 * @throws OnecycleError `invalid_spec`, pointers from the job's spec on
 */
export function describeDataset(spec: DatasetSpec, kind?: Target['kind']): DatasetInfo {
  const { source, value } = sourceOf(spec);
  const info = source.describe(value);
  return { ...info, target: targetFor(kind, info.target) };
}

/**
 * Reads or makes a data set, in memory that loaders' threads see too. Inline rows come from a file (JSON `{x, y}`).
 * @throws OnecycleError `invalid_spec` as `describeDataset` and `parseInline`; `bad_data` where the file of inline rows
 *   is missing
 */
export function loadDataset(spec: DatasetSource, options: LoadOptions = {}): MemoryDataset {
  const { source, value } = sourceOf(spec);
  const { x, y, ...info } = source.load(value, options);
  const target = targetFor(options.kind, info.target);
  const asValues = target.kind === 'values' && info.target.kind === 'classes';
  return { ...info, target, x: shared(x), y: shared(asValues ? Float32Array.from(y) : y) };
}

/** The source that a spec names, and what it says of it, checked. */
function sourceOf(spec: DatasetSource): { source: Source; value: unknown } {
  if ('id' in spec) return { source: uploaded, value: resolved(spec) };
  const entry = Object.entries(spec)
    .map(([name, value]: [string, unknown]) => ({ source: sources.find((each) => each.name === name), value }))
    .find(({ source }) => source !== undefined);
  if (entry?.source === undefined)
    throw invalidSpec('/dataset', `must name its source: ${sources.map(({ name }) => name).join(', ')}`);
  const { source, value } = entry;
  const problems = source.problems(value);
  if (problems.length === 0) return { source, value };
  throw invalidSpecs(problems.map(({ pointer, detail }) => ({ pointer: `/dataset/${source.name}${pointer}`, detail })));
}

/** A regression can be made of class indexes; classes cannot be made of values. */
function targetFor(kind: Target['kind'] | undefined, target: Target): Target {
  if (kind === undefined || kind === target.kind) return target;
  if (kind === 'classes')
    throw invalidSpec('/loss', 'The data set has values to predict, not classes: choose the loss mse');
  return { kind: 'values', outputs: 1 };
}
