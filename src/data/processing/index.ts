/** The ways in which raw rows become a model's input. */
import { Type, type Static } from 'typebox';
import { arrays } from './arrays.js';
import { pictures } from './pictures.js';
import type { ProcessingType } from './processing.js';
import { table } from './table.js';

export type { PreparedRows, RawRows, Vocabulary } from './processing.js';

/** A new one is a file beside these and a line here. */
const processings = [arrays, table, pictures] as const;

/** What is kept of a processing: plain JSON. */
export type ProcessingSpec = Static<(typeof processings)[number]['schema']>;

/** As the type says. */
export const ProcessingSchema = Type.Unsafe<ProcessingSpec>(
  Type.Union(
    processings.map(({ schema }) => schema),
    { title: 'Processing', description: 'How raw rows become the input of the model' },
  ),
);

const byKind: ReadonlyMap<string, ProcessingType<ProcessingSpec>> = new Map(
  processings.map((processing) => [processing.kind, processing]),
);

/** What the table says of a processing, by its kind, which is in it. */
export const processingOf = ({ kind }: ProcessingSpec): ProcessingType<ProcessingSpec> => byKind.get(kind)!;
