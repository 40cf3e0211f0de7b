/** A trained model that answers, in the words of its data. */
import { readFile } from 'node:fs/promises';
import { processingOf, type RawRows } from '../data/index.js';
import type { Engine } from '../engine/index.js';
import { invalidRows, OnecycleError } from '../errors.js';
import { InferenceModel } from '../learner/inference.js';
import { answersOf, readTrainedModel, type Answer, type KeptModel, type TrainedModel } from '../models/index.js';
import { isObject } from '../schema/json.js';
import { checkedPath } from './export.js';
import { asLists } from './data.js';
import { engineOf, type EngineChoice } from './engine.js';

/**
 * Rows to be predicted: of a table objects by column; of arrays numbers in lists, rows first; or a picture or a file of
 * rows, as its path or its bytes.
 */
export type Input =
  readonly Record<string, unknown>[] | readonly (number | readonly unknown[] | Float32Array)[] | string | Uint8Array;

/** A model with its weights, on an engine. */
export class Predictor {
  private readonly model: InferenceModel;
  private readonly kept: KeptModel;

  /** @throws OnecycleError `unsupported_by_engine` */
  constructor(engine: Engine, { weights, ...kept }: TrainedModel) {
    this.kept = kept;
    this.model = new InferenceModel(engine, { weights, ...kept });
  }

  /** The names of the classes in the order of `probabilities`, or of the values that are predicted; null: none. */
  get vocab(): string[] | null {
    return this.kept.vocabulary.names;
  }

  /**
   * What the model says of each row: `{class, probabilities}` or `{values}`.
   * @throws OnecycleError `invalid_rows` with the row and the column of each mistake, and what would be right
   */
  async predict(input: Input): Promise<Answer[]> {
    const { kept } = this;
    const { x, rows } = await processingOf(kept.processing).prepare(kept.processing, await rawRows(input));
    return answersOf(kept, this.model.predict(x, rows)).data;
  }

  /** Takes over other weights. */
  update(weights: readonly Float32Array[]): void {
    this.model.update(weights);
  }

  /** Gives the engine's memory back. */
  dispose(): void {
    this.model.dispose();
  }
}

/**
 * fastai's `load_learner`: a model that answers, from a file that `save` or `export` wrote, or from the weights or a
 * checkpoint of a job.
 * @throws OnecycleError `invalid_spec` where there is no such file; `bad_data`, `not_available` where it is no such
 *   model
 */
export async function loadLearner(
  path: string,
  { engine = 'auto' }: { engine?: EngineChoice | Engine } = {},
): Promise<Predictor> {
  const bytes = await readAll(path);
  const model = await readTrainedModel((start, end) => Promise.resolve(bytes.subarray(start, end)));
  return new Predictor(typeof engine === 'string' ? await engineOf(engine) : engine, model);
}

/** @throws OnecycleError `invalid_spec` where there is no such file */
export function readAll(path: string): Promise<Uint8Array> {
  return readFile(checkedPath(path)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OnecycleError(
      'invalid_spec',
      `${path} cannot be read: ${why}`,
      [{ pointer: '/path', detail: `must be a file that can be read: ${why}` }],
      { cause },
    );
  });
}

async function rawRows(input: unknown): Promise<RawRows> {
  if (typeof input === 'string') return { file: await readAll(input) };
  if (input instanceof Uint8Array) return { file: input };
  if (!Array.isArray(input) || input.length === 0)
    throw invalidRows([
      { pointer: '', detail: 'must be a list of rows, or a picture or a file: its path or its bytes' },
    ]);
  const rows: unknown[] = input;
  if (rows.every((row) => isObject(row) && !ArrayBuffer.isView(row)))
    return { rows: rows as Record<string, unknown>[] };
  return { x: rows.map(asLists) };
}
