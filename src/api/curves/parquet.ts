import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Column } from './table.js';

/** The table as a Parquet file: whole numbers as INT32, all others as DOUBLE, null where there is no value. */
export const parquet = (columns: readonly Column[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(({ name, values, whole }) => ({
        name,
        data: [...values],
        type: whole ? 'INT32' : 'DOUBLE',
        nullable: !whole,
      })),
    }),
  );
