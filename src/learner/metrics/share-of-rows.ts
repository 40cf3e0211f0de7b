import type { Batch } from '../../data/index.js';
import { Mean } from './mean.js';
import type { Meter } from './metric.js';

/** Whether row `row` of a batch counts; `output` holds `width` numbers a row. */
type Counts = (output: Float32Array, width: number, batch: Batch, row: number) => boolean;

/** A pass that takes the share of the rows that count. */
export function shareOfRows(counts: Counts): Meter {
  const mean = new Mean();
  return {
    update(output, batch) {
      const width = output.length / batch.rows;
      for (let row = 0; row < batch.rows; row++) mean.add(counts(output, width, batch, row) ? 1 : 0);
    },
    value: () => mean.value,
  };
}
