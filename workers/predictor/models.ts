/** The models that were asked for last, warm on the engine. */
import { open } from 'node:fs/promises';
import { OnecycleError } from '../../src/errors.js';
import type { Engine } from '../../src/engine/index.js';
import { InferenceModel } from '../../src/learner/inference.js';
import { readTrainedModel, type KeptModel } from '../../src/models/index.js';
import { PredictionBatcher } from './prediction-batcher.js';

/** Parameters that are kept warm; the last model stays, however large. */
const maxBytes = 512 * 1024 * 1024;

/** A model that answers, and what its answers mean. */
export interface WarmModel {
  kept: KeptModel;
  bytes: number;
  outputs: (x: Float32Array | Uint8Array, rows: number) => Promise<Float32Array>;
  dispose: () => void;
}

/** Models by their files, which never change. */
export class Models {
  readonly #engine: Engine;
  /** The one that was asked for last stands last. */
  readonly #models = new Map<string, Promise<WarmModel>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws OnecycleError `not_available`, `bad_data`, `unsupported_by_engine` */
  async get(file: string): Promise<WarmModel> {
    const known = this.#models.get(file) ?? this.#load(file);
    this.#models.delete(file);
    this.#models.set(file, known);
    try {
      const model = await known;
      await this.#evict();
      return model;
    } catch (error) {
      this.#models.delete(file);
      throw error;
    }
  }

  async #load(file: string): Promise<WarmModel> {
    const { weights, ...kept } = await readModel(file);
    const model = new InferenceModel(this.#engine, { ...kept, weights });
    const batcher = new PredictionBatcher(model);
    return {
      kept,
      bytes: model.bytes,
      outputs: (x, rows) => batcher.predict(x, rows),
      dispose: () => batcher.close(),
    };
  }

  /** Frees the models that were not asked for the longest, where there are too many. */
  async #evict(): Promise<void> {
    let bytes = 0;
    for (const [file, loading] of [...this.#models].reverse()) {
      const model = await loading.catch(() => null);
      bytes += model?.bytes ?? 0;
      if (bytes <= maxBytes || file === [...this.#models.keys()].at(-1)) continue;
      if (this.#models.delete(file)) model?.dispose();
    }
  }
}

async function readModel(path: string) {
  const file = await open(path).catch((cause: unknown) => {
    throw new OnecycleError('not_available', 'The checkpoint is not there any more.', [], { cause });
  });
  try {
    return await readTrainedModel(async (start, end) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}
