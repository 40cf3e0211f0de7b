import { OnecycleError } from '../../errors.js';
import { defineProcessing, type PreparedRows, type RawRows } from './processing.js';
import { TableEncoder } from './table/encode.js';
import { readRows } from './table/rows.js';
import { TableProcessingSchema, targetOf, widthOf, type TableProcessing } from './table/spec.js';

/** fastai's `TabularPandas` with `Categorify`, `FillMissing` and `Normalize`. */
export const table = defineProcessing({
  kind: 'table',
  schema: TableProcessingSchema,
  shape: (spec) => [widthOf(spec)],
  vocabulary: (spec) => ({
    target: targetOf(spec),
    names: spec.target.kind === 'classes' ? spec.target.values.map(String) : spec.target.names,
  }),
  prepare: (spec, raw) => Promise.resolve(prepare(spec, raw)),
});

function prepare(spec: TableProcessing, raw: RawRows): PreparedRows {
  if (!('rows' in raw) || raw.rows.length === 0) {
    const detail = 'must be a list of rows, each an object of values by column';
    throw new OnecycleError('invalid_rows', detail, [{ pointer: '/rows', detail }]);
  }
  const part = readRows(spec, raw.rows);
  const encoder = new TableEncoder(spec);
  const x = new Float32Array(part.rows * encoder.width);
  encoder.encode(part, x);
  return { rows: part.rows, x };
}
