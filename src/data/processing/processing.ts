/** What a file of this folder says of one kind of processing. */
import type { Static, TSchema } from 'typebox';
import type { Target } from '../types.js';

/** What a client gives to have predicted: rows of a table, rows of numbers (nested lists), or a file as it came. */
export type RawRows = { rows: Record<string, unknown>[] } | { x: unknown } | { file: Uint8Array };

/** Rows as a model takes them: rows × product(shape). */
export interface PreparedRows {
  rows: number;
  x: Float32Array | Uint8Array;
}

/** What a model says, in the words of its data. */
export interface Vocabulary {
  target: Target;
  /** The names of the classes, or of the values that are predicted; null where they have none but their indexes. */
  names: string[] | null;
}

/**
 * How raw rows become a model's input. It is fitted on training rows, is plain JSON, and is kept with the model.
 * Methods: the table finds them by a spec's kind.
 */
export interface ProcessingType<Spec = unknown> {
  readonly kind: string;
  /** Of a row of the model's input. */
  shape(spec: Spec): number[];
  vocabulary(spec: Spec): Vocabulary;
  /** @throws OnecycleError `invalid_rows` with the row and the column of each mistake, and what would be right */
  prepare(spec: Spec, raw: RawRows): Promise<PreparedRows>;
}

/** A processing with the schema of what is kept of it, in which `kind` stands too. */
export interface DefinedProcessing<Kept extends TSchema> extends ProcessingType<Static<Kept>> {
  readonly schema: Kept;
}

/** Declares a processing: its schema types its functions. */
export const defineProcessing = <Kept extends TSchema>(processing: DefinedProcessing<Kept>): DefinedProcessing<Kept> =>
  processing;
