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
  outputs: (x: Float32Array | Uint8Array, rows: number) => Promise<Float32Array>;
}

/** A model that is kept while it is asked for, and as long as somebody works with it. */
interface Entry {
  loading: Promise<{ warm: WarmModel; model: InferenceModel }>;
  /** Of its parameters; 0 until it has loaded. */
  bytes: number;
  users: number;
  evicted: boolean;
}

/** Models by their files, which never change. */
export class Models {
  readonly #engine: Engine;
  /** The one that was asked for last stands last. */
  readonly #entries = new Map<string, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Works with a model, which stays until that is done.
   * @throws OnecycleError `not_available`, `bad_data`, `unsupported_by_engine`; whatever `work` throws
   */
  async use<T>(file: string, work: (model: WarmModel) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(file) ?? this.#load(file);
    this.#entries.delete(file);
    this.#entries.set(file, entry);
    entry.users++;
    try {
      const { warm } = await entry.loading;
      this.#evict();
      return await work(warm);
    } finally {
      entry.users--;
      if (entry.evicted) this.#free(entry);
    }
  }

  #load(file: string): Entry {
    const loading = this.#read(file);
    const entry: Entry = { loading, bytes: 0, users: 0, evicted: false };
    loading.then(
      ({ model }) => (entry.bytes = model.bytes),
      () => this.#entries.get(file) === entry && this.#entries.delete(file),
    );
    return entry;
  }

  async #read(file: string): Promise<{ warm: WarmModel; model: InferenceModel }> {
    const { weights, ...kept } = await readModel(file);
    const model = new InferenceModel(this.#engine, { ...kept, weights });
    const batcher = new PredictionBatcher(model);
    return { model, warm: { kept, outputs: (x, rows) => batcher.predict(x, rows) } };
  }

  /** Lets go of the models that were not asked for the longest, where there are too many. */
  #evict(): void {
    let bytes = 0;
    [...this.#entries].reverse().forEach(([file, entry], i) => {
      bytes += entry.bytes;
      if (bytes <= maxBytes || entry.bytes === 0 || i === 0) return;
      this.#entries.delete(file);
      entry.evicted = true;
      this.#free(entry);
    });
  }

  /** Frees a model that was let go of, once nobody works with it. */
  #free(entry: Entry): void {
    if (entry.users === 0) void entry.loading.then(({ model }) => model.dispose());
  }
}

async function readModel(path: string) {
  const file = await open(path).catch((cause: unknown) => {
    throw new OnecycleError('not_available', 'The checkpoint no longer exists.', [], { cause });
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
