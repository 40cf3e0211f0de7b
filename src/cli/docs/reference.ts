/** docs/reference.md: everything that a job can name, with its arguments, as the schemas have it. */
import { Type, type TSchema } from 'typebox';
import { DatasetSchema } from '../../data/sources/index.js';
import { BatchTransformSchema, ItemTransformSchema } from '../../data/transforms/index.js';
import { callbacks } from '../../learner/callbacks/index.js';
import { defaultLoss, losses } from '../../learner/losses/index.js';
import { defaultMetrics, metrics } from '../../learner/metrics/index.js';
import { LayerSchema, PresetSchema } from '../../models/spec.js';
import { OptimizerSchema } from '../../optimizer/index.js';
import { FromLrFind, PolicySchema, ScheduleSchema } from '../../schedule/index.js';
import { RateSlice } from '../../schedule/rate.js';
import { code, type JsonSchema, type Links, typeText } from './json-schema.js';
import { paragraph, table } from './markdown.js';

/** Schemas under one heading. */
interface Section {
  heading: string;
  /** How one of them, and several, are called in the tables. */
  nouns: [one: string, many: string];
  /** Its title stands for the section; each variant of a union has a heading of its own. */
  schema: JsonSchema;
  /** Where a job has it. */
  example: string;
}

const section = (heading: string, nouns: Section['nouns'], schema: TSchema, example: string): Section => ({
  heading,
  nouns,
  schema,
  example,
});

const builtInCallbacks = Type.Union(
  callbacks.map(({ schema }): TSchema => schema),
  { description: 'Act between the steps of the training. [callbacks.md](callbacks.md) shows how to write custom ones' },
);

const sections: readonly Section[] = [
  section('Policies', ['policy', 'policies'], PolicySchema, '"policy": {"name": "fit", …}'),
  section('Rate slices', ['slice', 'slices'], RateSlice, '"lr_max": {"start": 1e-5, "stop": 1e-3}'),
  section('Suggested rates', ['suggested rate', 'suggested rates'], FromLrFind, '"lr_max": {"lr_find": "valley"}'),
  section('Schedules', ['schedule', 'schedules'], ScheduleSchema, '"schedules": {"lr": {"fn": "sched_lin", …}}'),
  section('Optimizers', ['optimizer', 'optimizers'], OptimizerSchema, '"optimizer": {"name": "adam", …}'),
  section('Presets', ['preset', 'presets'], PresetSchema, '"model": {"preset": "mlp", …}'),
  section('Layers', ['layer', 'layers'], LayerSchema, '"model": {"layers": [{"type": "dense", …}, …]}'),
  section('Data sources', ['data source', 'data sources'], DatasetSchema, '"dataset": {"builtin": "digits"}'),
  section(
    'Item transforms',
    ['item transform', 'item transforms'],
    ItemTransformSchema,
    '"dataset": {"id": "ds_…", "item_tfms": [{"name": "resize", "size": 224}]}',
  ),
  section(
    'Batch transforms',
    ['batch transform', 'batch transforms'],
    BatchTransformSchema,
    '"dataset": {"id": "ds_…", "batch_tfms": [{"name": "aug_transforms"}, {"name": "normalize"}]}',
  ),
  section('Callbacks', ['callback', 'callbacks'], builtInCallbacks, '"callbacks": [{"name": "early_stopping", …}, …]'),
];

/** The text of docs/reference.md. */
export function referencePage(): string {
  const links = linksTo(sections);
  return `${[
    '<!-- Made by npm run openapi from the schemas in src/: edit those. -->',
    '# Reference',
    'Everything that a job can name, with arguments, ranges and defaults. [api.md](api.md) shows it in use, ' +
      '[openapi.yaml](../openapi.yaml) is the machine-readable form.',
    ...sections.flatMap((each) => sectionText(each, links)),
    ...lossesText(links),
    ...metricsText(links),
  ].join('\n\n')}\n`;
}

function linksTo(targets: readonly Section[]): Links {
  return new Map(
    targets.flatMap(({ heading, nouns: [one, many], schema }) => {
      const anchor = `#${heading.toLowerCase().replaceAll(' ', '-')}`;
      const link = { one: `[${one}](${anchor})`, many: `[${many}](${anchor})` };
      return [schema, ...(schema.anyOf ?? [])].flatMap(({ title }) =>
        title === undefined ? [] : [[title, link] as const],
      );
    }),
  );
}

function sectionText({ heading, schema, example }: Section, links: Links): string[] {
  const intro = [`## ${heading}`, paragraph(schema.description ?? ''), `\`${example}\``];
  if (schema.anyOf === undefined) return [...intro, argumentsTable(schema, links)];
  return [...intro, ...schema.anyOf.flatMap((variant) => thingText(variant, links))];
}

const thingText = (schema: JsonSchema, links: Links): string[] => [
  `### ${code(nameOf(schema))}`,
  ...(schema.description === undefined ? [] : [paragraph(schema.description)]),
  argumentsTable(schema, links),
];

/** What a variant goes by: the word that one of its fields must be, or else its first field. */
function nameOf({ properties = {} }: JsonSchema): unknown {
  const word = Object.values(properties).find((field) => 'const' in field);
  return word?.const ?? Object.keys(properties)[0];
}

function argumentsTable(schema: JsonSchema, links: Links): string {
  const rows = argumentRows(schema, links);
  return rows.length === 0 ? 'No arguments.' : table(['Argument', 'Type', 'Default', 'Meaning'], rows);
}

/** A row for each argument; the fields of one that is an object without a description have theirs in its place. */
function argumentRows({ properties = {}, required = [] }: JsonSchema, links: Links, prefix = ''): string[][] {
  return Object.entries(properties).flatMap(([field, schema]) => {
    if ('const' in schema) return [];
    const name = `${prefix}${field}`;
    if (schema.properties && schema.description === undefined) return argumentRows(schema, links, `${name}.`);
    const standard = 'default' in schema ? code(schema.default) : required.includes(field) ? 'required' : '';
    return [[code(name), typeText(schema, links), standard, schema.description ?? '']];
  });
}

const lossesText = (links: Links): string[] => [
  '## Losses',
  '`"loss": "mse"`, or with arguments `"loss": {"name": "huber", "delta": 2}`; left out: ' +
    `${code(defaultLoss.classes)} for classes, ${code(defaultLoss.values)} for values.`,
  table(
    ['Loss', 'Targets', 'Meaning'],
    Object.entries(losses).map(([name, { target, description }]) => [code(name), target, description]),
  ),
  ...argumentTables(losses, links),
];

/** Of the things in a table that have arguments, each under its name. */
const argumentTables = (things: Readonly<Record<string, { arguments: JsonSchema }>>, links: Links): string[] =>
  Object.entries(things)
    .filter(([, { arguments: schema }]) => Object.keys(schema.properties ?? {}).length > 0)
    .flatMap(([name, { arguments: schema }]) => [`### ${code(name)}`, argumentsTable(schema, links)]);

function metricsText(links: Links): string[] {
  const [classes, values] = [defaultMetrics.classes, defaultMetrics.values].map((names) => names.map(code).join(', '));
  return [
    '## Metrics',
    'Computed on the validation rows after each epoch.',
    '`"metrics": ["accuracy"]`, or with arguments `"metrics": ["accuracy", {"name": "top_k_accuracy", "k": 3}]`; left ' +
      `out: ${classes} for classes, ${values} for values.`,
    table(
      ['Metric', 'Targets', 'Better', 'Meaning'],
      Object.entries(metrics).map(([name, { target, lessIsBetter, description }]) => [
        code(name),
        target,
        lessIsBetter === null ? '' : lessIsBetter ? 'less' : 'greater',
        description,
      ]),
    ),
    ...argumentTables(metrics, links),
  ];
}
