import type { Target } from '../../data/index.js';
import type { Engine, Tensor } from '../../engine/index.js';

/** What training makes small. A new one is a file beside these, and a line in the table. */
export interface Loss {
  readonly description: string;
  /** What outputs are compared with: a class per row, or values. */
  readonly target: Target['kind'];
  /**
   * The mean over a batch, a scalar: of [rows, classes] outputs against [rows] int32 classes, or [rows, outputs]
   * against values of the same shape. It is traced with the step, so it looks at no value.
   */
  compute(engine: Engine, output: Tensor, target: Tensor): Tensor;
}
