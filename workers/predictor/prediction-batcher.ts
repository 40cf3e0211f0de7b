/** Puts rows of several requests that are there at the same moment through a model together. */
import type { InferenceModel } from '../../src/learner/inference.js';

interface Waiting {
  x: Float32Array | Uint8Array;
  rows: number;
  resolve: (output: Float32Array) => void;
  reject: (error: unknown) => void;
}

/** One model's requests, in their order. The event loop turns between two batches. */
export class PredictionBatcher {
  readonly #model: InferenceModel;
  #waiting: Waiting[] = [];

  constructor(model: InferenceModel) {
    this.#model = model;
  }

  /** The outputs [rows × outputs] of rows as the model takes them. */
  async predict(x: Float32Array | Uint8Array, rows: number): Promise<Float32Array> {
    const { width, outputs, largest } = this.#model;
    const output = new Float32Array(rows * outputs);
    for (let row = 0; row < rows; row += largest) {
      const taken = Math.min(largest, rows - row);
      output.set(await this.#batch(x.subarray(row * width, (row + taken) * width), taken), row * outputs);
    }
    return output;
  }

  #batch(x: Float32Array | Uint8Array, rows: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ x, rows, resolve, reject });
    });
  }

  #flush(): void {
    const batch = this.#take();
    try {
      const rows = batch.reduce((sum, each) => sum + each.rows, 0);
      const x = batch.length === 1 ? batch[0].x : new Float32Array(rows * this.#model.width);
      let row = 0;
      for (const each of batch) {
        if (batch.length > 1) x.set(each.x, row * this.#model.width);
        row += each.rows;
      }
      const output = this.#model.predict(x, rows);
      row = 0;
      for (const { rows: own, resolve } of batch) {
        resolve(output.slice(row * this.#model.outputs, (row += own) * this.#model.outputs));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
  }

  /** As many requests as go through the model at once, at least one. */
  #take(): Waiting[] {
    let rows = 0;
    const fits = this.#waiting.findIndex((each) => (rows += each.rows) > this.#model.largest);
    return this.#waiting.splice(0, fits < 0 ? this.#waiting.length : Math.max(1, fits));
  }
}
