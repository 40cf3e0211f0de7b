/** What a file of this folder says of a source of rows. */
import type { Static, TObject, TSchema } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { fieldProblemsOf, isValid } from '../../schema/check.js';
import { strict } from '../../schema/fields.js';
import type { ProcessingSpec } from '../processing/index.js';
import type { MemoryDataset, DatasetInfo, Target } from '../types.js';

/** An uploaded file on this machine. */
export interface UploadedFile {
  /** Pictures may lie in a folder as they are, too. */
  file: string;
  /** Of images: the list of its pictures (JSON, files/pictures.ts). */
  listing?: string;
  /** Where an archive's pictures are unpacked; left out: beside the file, and what removes the one removes the other. */
  unpacked?: string;
}

/** What reading a source may need beside the spec. */
export interface LoadOptions {
  /** Where the rows are that came with the request (JSON `{x, y}`). */
  inlineFile?: string;
  /** The rows themselves, `{x, y}`, in place of that file. */
  inline?: unknown;
  /** Where the uploaded files are: of the data set, then of a second one that validates. */
  uploads?: readonly UploadedFile[];
  /** Folder for rows that are too many to lie in memory; whoever names it removes it. */
  scratch?: string | undefined;
  /** What a model that goes on was trained through: it is not fitted anew. */
  fitted?: ProcessingSpec | undefined;
  /** What the loss needs, where it is known. */
  kind?: Target['kind'];
}

/**
 * A source, as the table of sources has it. `Value` is what stands under its name. Methods: the table finds them by it.
 */
export interface Source<Value = unknown> {
  readonly name: string;
  /** What is wrong with a value; pointers are relative to it. */
  problems(value: unknown): FieldProblem[];
  /** What is known of its rows without reading one. The value must have no problems. */
  describe(value: Value): DatasetInfo;
  /**
   * Reads or makes the rows. The value must have no problems.
   * @throws OnecycleError `bad_data` where rows that were stored can't be read
   */
  load(value: Value, options: LoadOptions): MemoryDataset;
}

/** A source that a request and a record name alike: `{NAME: value}`. */
export interface DefinedSource<Name extends string, Value extends TSchema> extends Source<Static<Value>> {
  readonly name: Name;
  readonly schema: TObject<Record<Name, Value>>;
}

/** Declares a source whose value says all: `problems` are those that no schema can tell. */
export function defineSource<const Name extends string, Value extends TSchema>({
  name,
  title,
  description,
  value: schema,
  problems = () => [],
  describe,
  load,
}: {
  name: Name;
  title: string;
  description: string;
  value: Value;
  problems?: (value: Static<Value>) => FieldProblem[];
  describe: (value: Static<Value>) => DatasetInfo;
  load: (value: Static<Value>) => MemoryDataset;
}): DefinedSource<Name, Value> {
  const properties = { [name]: schema } as Record<Name, Value>; // a computed key widens to string
  return {
    name,
    schema: strict(properties, { title, description }),
    problems: (value) => (isValid(schema, value) ? problems(value) : fieldProblemsOf(schema, value)),
    describe,
    load,
  };
}
