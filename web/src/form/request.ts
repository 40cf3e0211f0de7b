/** From a job's record back to a request: what its spec says beyond the defaults. */
import { fieldOf, resolve, type Components, type Json, type Schema } from './schema.js';
import { branchOf, isList, isObject } from './value.js';

/** Without what the schema does not know, and without what equals its default. */
function pruned(given: Schema, value: Json, components: Components): Json {
  const schema = resolve(given, components);
  const field = fieldOf(schema, components);
  if (field.kind === 'union') {
    const branch = field.branches.at(branchOf(field.branches, value, components));
    return branch === undefined ? value : pruned(branch.schema, value, components);
  }
  if (field.kind === 'list' && isList(value)) return value.map((one) => pruned(field.items, one, components));
  if (field.kind !== 'object' || !isObject(value)) return value;
  const kept = field.properties.flatMap(({ name, schema: inner, required }): [string, Json][] => {
    if (!Object.hasOwn(value, name)) return [];
    const one = value[name];
    const usual = resolve(inner, components).default;
    if (!required && same(one, usual)) return [];
    const next = pruned(inner, one, components);
    return !required && same(next, usual) ? [] : [[name, next]];
  });
  return Object.fromEntries(kept);
}

const same = (a: Json, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The request that makes such a job again. */
export function requestOf(spec: Json, request: Schema, components: Components): Json {
  if (!isObject(spec)) return {};
  const { dataset } = spec;
  // A branch has its source's model, and may not name it again.
  const given = without(spec, 'finish', ...('continue_from' in spec ? ['model'] : []));
  return pruned(request, { ...given, ...(dataset && { dataset: asked(dataset) }) }, components);
}

/** A data set as it was asked for: without what was guessed. Inline rows are not kept with the job. */
function asked(dataset: Json): Json {
  if (!isObject(dataset)) return dataset;
  if ('inline' in dataset) return { inline: { x: [], y: [] } };
  const guessed = isList(dataset.guessed) ? dataset.guessed : [];
  return without(dataset, ...guessed);
}

/** A job at a rate that was found: as the finder, with one cycle. */
export function atRate(finder: Json, rate: number): Json {
  if (!isObject(finder)) return {};
  return { ...finder, policy: { name: 'fit_one_cycle', n_epoch: 5, lr_max: rate } };
}

/** A job that goes on from another's checkpoint. */
export function continued(source: Json, job: string, checkpoint: string | undefined): Json {
  if (!isObject(source)) return {};
  return { ...without(source, 'model'), continue_from: { job, ...(checkpoint !== undefined && { checkpoint }) } };
}

const without = (
  object: { readonly [key: string]: Json },
  ...names: readonly Json[]
): { readonly [key: string]: Json } =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
