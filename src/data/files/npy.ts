/** A matrix of numbers (`.npy`) as a table: a column a column. */
import type { NumberColumn, Table, TableSource } from '../table/table.js';
import { rowsPerPart } from '../table/builder.js';
import { bytesOf, firstBytes, inParts } from './bytes.js';
import type { Format, FoundReading } from './format.js';
import { decodeInto, headerBytes, isInteger, readHeader, type NumpyHeader } from './numpy.js';
import { invalidFile } from './problems.js';
import type { FileContent, Reading } from './reading.js';

/** Reads the file's header. @throws OnecycleError `invalid_dataset` where it is no matrix */
async function find(from: FileContent): Promise<FoundReading> {
  const header = await headerOf(from);
  const names = Array.from({ length: header.shape[1] }, (_, i) => `column_${i}`);
  const integer = isInteger(header);
  return { reading: { format: 'npy', columns: names.map((name) => ({ name, type: 'number', integer })) }, notes: [] };
}

async function headerOf(from: FileContent): Promise<NumpyHeader> {
  const header = readHeader(await firstBytes(from, headerBytes), 'in the file');
  const { shape } = header;
  if (shape.length === 2 && header.count > 0 && shape[1] <= 100_000) return header;
  throw invalidFile(
    '',
    `An array of shape (${shape.join(', ')}) does not say what to predict: save it as x together with y, ` +
      'numpy.savez("file.npz", x=…, y=…); a matrix is read as a table',
  );
}

/** The columns of a reading that the file has. `parts` throws OnecycleError `invalid_dataset`. */
const read = (from: FileContent, { columns }: Reading): TableSource => ({
  async *parts(): AsyncGenerator<Table> {
    const header = await headerOf(from);
    const { shape, size, offset, count } = header;
    const width = shape[1];
    const wanted = columns
      .map(({ name }) => ({ name, at: Number(/^column_(\d+)$/.exec(name)?.[1] ?? NaN) }))
      .filter(({ at }) => at < width);
    let seen = 0;
    for await (const bytes of inParts(bytesOf(from, offset), rowsPerPart(width) * width * size)) {
      const rows = Math.floor(bytes.length / (width * size));
      const values = new Float64Array(rows * width);
      decodeInto(header, bytes, values, 0);
      seen += values.length;
      const part = wanted.map(({ name, at }): NumberColumn => {
        return {
          name,
          type: 'number',
          values: Float64Array.from({ length: rows }, (_, row) => values[row * width + at]),
        };
      });
      if (rows > 0) yield { rows, columns: part };
    }
    if (seen !== count) throw invalidFile('', `The file is truncated: it has ${seen} of ${count} numbers`);
  },
});

/** `.npy`. */
export const npy: Format = { find, read };
