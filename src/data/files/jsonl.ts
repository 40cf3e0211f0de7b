/** JSON Lines: an object a line. */
import { textOfValue } from './values.js';
import { child, isObject, type JsonObject } from '../../schema/json.js';
import { rowsPerPart, TableBuilder, type Cell } from '../table/builder.js';
import type { Table, TableSource } from '../table/table.js';
import { dateFormatsOf, readDate } from './csv/values.js';
import { textOf } from './csv/text.js';
import type { Format, FoundReading } from './format.js';
import { checkColumns } from './columns.js';
import { invalidFile, messageOf } from './problems.js';
import type { FileContent, ReadColumn, Reading } from './reading.js';

const maxLineCharacters = 16 * 2 ** 20;

/** The objects, with the numbers of their lines. @throws OnecycleError `invalid_dataset` that names the line */
async function* objectsOf(from: FileContent): AsyncGenerator<{ row: number; object: JsonObject }> {
  let row = 0;
  for await (const line of linesOf(from)) {
    row++;
    if (line.trim() === '') continue;
    yield { row, object: parseLine(line, row) };
  }
}

async function* linesOf(from: FileContent): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textOf(from, 'utf-8')) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineCharacters)
      throw invalidFile('', 'A line is longer than 16 million characters: write one object per line');
    yield* lines;
  }
  yield rest;
}

function parseLine(line: string, row: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw invalidFile(`/rows/${row}`, `Line ${row} is not JSON: ${messageOf(error)}`, error);
  }
  if (isObject(value)) return value;
  throw invalidFile(
    `/rows/${row}`,
    `Line ${row} must be an object, {"column": value, …}, not ${line.trim().slice(0, 80)}`,
  );
}

/** Reads a file once to know its columns. @throws OnecycleError `invalid_dataset` */
async function find(from: FileContent): Promise<FoundReading> {
  const columns = new Map<string, Evidence>();
  for await (const { row, object } of objectsOf(from)) {
    for (const [name, value] of Object.entries(object)) {
      const evidence = columns.get(name) ?? new Evidence();
      if (!columns.has(name)) checkColumns([...columns.set(name, evidence).keys()]);
      evidence.look(value, row, name);
    }
  }
  if (columns.size === 0)
    throw invalidFile('', 'The file has no rows: every line must be an object, {"column": value, …}');
  const found = [...columns].map(([name, evidence]) => evidence.found(name));
  return { reading: { format: 'jsonl', columns: found }, notes: [] };
}

class Evidence {
  #numbers = 0;
  #others = 0;
  #whole = true;
  #dates = true;

  look(value: unknown, row: number, name: string): void {
    if (value === null) return;
    if (typeof value === 'object')
      throw invalidFile(
        child(`/rows/${row}`, name),
        `Line ${row} has ${Array.isArray(value) ? 'a list' : 'an object'} in ${JSON.stringify(name)}: a value must be a number, a string, true, false or null`,
      );
    if (typeof value === 'number') {
      this.#numbers++;
      this.#whole &&= Number.isInteger(value);
    } else {
      this.#others++;
      this.#dates &&= typeof value === 'string' && dateFormatsOf(value).includes('iso');
    }
  }

  found(name: string): ReadColumn {
    if (this.#others === 0) return { name, type: 'number', integer: this.#whole };
    return this.#dates && this.#numbers === 0 ? { name, type: 'date', date_format: 'iso' } : { name, type: 'text' };
  }
}

/** The columns of a reading. `parts` throws OnecycleError `invalid_dataset`. */
const read = (from: FileContent, { columns }: Reading): TableSource => ({
  parts: () => partsOf(from, columns),
});

async function* partsOf(from: FileContent, columns: readonly ReadColumn[]): AsyncGenerator<Table> {
  let builder = new TableBuilder(columns, rowsPerPart(columns.length));
  for await (const { row, object } of objectsOf(from)) {
    for (const [i, column] of columns.entries()) builder.set(i, cellOf(object[column.name], column, row));
    builder.next();
    if (!builder.full) continue;
    yield builder.take();
    builder = new TableBuilder(columns, rowsPerPart(columns.length));
  }
  if (!builder.empty) yield builder.take();
}

function cellOf(value: unknown, { name, type }: ReadColumn, row: number): Cell {
  if (value === null || value === undefined) return undefined;
  if (type === 'text') return textOfValue(value);
  const number = typeof value === 'string' && type === 'date' ? readDate(value, 'iso') : value;
  if (typeof number === 'number') return number;
  throw invalidFile(child(`/rows/${row}`, name), `Line ${row} must have a ${type} in ${JSON.stringify(name)}`);
}

/** JSON Lines. */
export const jsonl: Format = { find, read };
