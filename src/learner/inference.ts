/** A trained model on an engine, for its outputs alone: forward only, in batches of a few fixed sizes. */
import type { Engine, Program, Run, Tensor } from '../engine/index.js';
import { buildModel } from '../models/build.js';
import type { ModelPlan, TrainedModel } from '../models/index.js';
import { product } from '../numbers/nested.js';

/** The batches that there are functions for: rows are padded up to one of them. */
const batchSizes = [1, 8, 64] as const;
/** What a batch may take, counted as if the outputs of all layers were kept. */
const maxBatchBytes = 256 * 1024 * 1024;

const functionName = (rows: number): string => `predict/${rows}`;

/** A model that answers. Its memory is the engine's until `dispose`. */
export class InferenceModel {
  /** Numbers a row: of the input and of the output. */
  readonly width: number;
  readonly outputs: number;
  /** Of its parameters. */
  readonly bytes: number;
  /** The most rows that go through it at once. */
  readonly largest: number;
  private readonly sizes: readonly number[];
  private readonly run: Run;

  /** @throws OnecycleError `unsupported_by_engine` */
  constructor(engine: Engine, { plan, weights }: TrainedModel) {
    this.width = product(plan.input_shape);
    this.outputs = product(plan.output_shape);
    this.bytes = weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const perRow = plan.layer_shapes.reduce((sum, shape) => sum + 4 * product(shape), 4 * this.width);
    this.sizes = batchSizes.filter((rows) => rows === 1 || rows * perRow <= maxBatchBytes);
    this.largest = this.sizes.at(-1)!;
    this.run = engine.build({
      shapedBy: { of: 'predictions', model: plan, sizes: this.sizes },
      values: weights,
      make: () => this.program(engine, plan, weights),
    });
  }

  private program(engine: Engine, plan: ModelPlan, weights: readonly Float32Array[]): Program {
    const { model, variables } = buildModel(engine, plan, weights);
    const functions: Program['functions'] = Object.fromEntries(
      this.sizes.map((rows) => [
        functionName(rows),
        {
          inputs: [{ shape: [rows, ...plan.input_shape], dtype: 'float32' }],
          body: ([x]: Tensor[]) => [model.apply(x, { training: false }) as Tensor],
        },
      ]),
    );
    return { variables, functions };
  }

  /** The outputs [rows × outputs] of rows [rows × width]. */
  predict(x: Float32Array | Uint8Array, rows: number): Float32Array {
    const output = new Float32Array(rows * this.outputs);
    for (let row = 0; row < rows;) {
      const size = this.sizeFor(rows - row);
      const taken = Math.min(size, rows - row);
      const batch = new Float32Array(size * this.width);
      batch.set(x.subarray(row * this.width, (row + taken) * this.width));
      const [found] = this.run.call(functionName(size), [batch]);
      output.set(found.subarray(0, taken * this.outputs), row * this.outputs);
      row += taken;
    }
    return output;
  }

  /** Takes over other weights, in the order of the plan's parameters. */
  update(weights: readonly Float32Array[]): void {
    this.run.write(weights);
  }

  /** Frees what it has on the engine. */
  dispose(): void {
    this.run.dispose();
  }

  /** The largest batch that is at least a quarter full: less padding is not worth several calls. */
  private sizeFor(rows: number): number {
    return this.sizes.findLast((size) => rows * 4 >= size) ?? this.sizes[0];
  }
}
