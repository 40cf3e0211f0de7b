import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Column, Tables } from './table.js';

/** Rows of a row group: readers want them large. */
const groupRows = 32_768;

/** The table as a Parquet file: whole numbers as INT32, all others as DOUBLE, null where there is no value. */
export async function* parquet(tables: Tables): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  let file: ParquetWriter | undefined;
  for await (const columns of groups(tables)) {
    file ??= new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columns.map(typed) }) });
    await file.write({
      columnData: columns.map(({ name, values }) => ({ name, data: [...values] })),
      rowGroupSize: groupRows,
    });
    yield taken(writer);
  }
  await file?.finish();
  yield taken(writer);
}

const typed = ({ name, values, whole }: Column) => ({
  name,
  data: [...values],
  type: whole ? ('INT32' as const) : ('DOUBLE' as const),
  nullable: !whole,
});

/** What was written since the last time. Where it goes in the file, the writer counts apart. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

/** The same rows, more of them at a time. */
async function* groups(tables: Tables): AsyncGenerator<Column[]> {
  let group: (Column & { values: Column['values'][number][] })[] = [];
  for await (const columns of tables) {
    if (group.length === 0) group = columns.map((column) => ({ ...column, values: [] }));
    columns.forEach(({ values }, i) => group[i].values.push(...values));
    if (group[0].values.length < groupRows) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
