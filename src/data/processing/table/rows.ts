/** Rows that a client gives as JSON, as a table whose columns are those that a processing needs. */
import { invalidRows, type FieldProblem } from '../../../errors.js';
import { child } from '../../../schema/json.js';
import type { Column, Table } from '../../table/table.js';
import type { Category, TableProcessing } from './spec.js';

/** Enough to see what is wrong. */
const maxProblems = 10;

type Row = Record<string, unknown>;
type ColumnType = Column['type'];

/**
 * Reads rows, each an object of values by column. Columns that the processing does not know are left alone; one that it
 * needs must be there, null where its value is missing. A category takes numbers as text and text as numbers.
 * @throws OnecycleError `invalid_rows` with pointers: `/rows/3/age`
 */
export function readRows({ categorical, continuous }: TableProcessing, rows: readonly Row[]): Table {
  const problems: FieldProblem[] = [];
  const columns = [
    ...categorical.map((category) =>
      readColumn(category.name, category.type, rows, categoryReader(category), problems),
    ),
    ...continuous.map(({ name, type }) => readColumn(name, type, rows, readers[type], problems)),
  ];
  if (problems.length > 0) throw invalidRows(problems);
  return { rows: rows.length, columns };
}

/** What a value of JSON is in a column: null where it is missing, undefined where it cannot be. */
interface Reader {
  expected: string;
  read: (value: unknown) => number | string | undefined;
}

const readers: Record<ColumnType, Reader> = {
  number: {
    expected: 'a number',
    read: (value) => (typeof value === 'number' && Number.isFinite(Math.fround(value)) ? value : undefined),
  },
  text: {
    expected: 'a string, a number or a Boolean',
    read: (value) => (['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined),
  },
  date: {
    expected: 'an ISO 8601 date, or milliseconds since 1970',
    read(value) {
      const at = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : NaN;
      return Number.isFinite(at) ? at : undefined;
    },
  },
};

/** Categories are forgiving: 3 may be "3", and true "True", as the values of the column have it. */
function categoryReader({ type, values }: Category): Reader {
  if (type === 'number') {
    const asNumber = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value);
    return { expected: 'a number', read: (value) => readers.number.read(asNumber(value)) };
  }
  if (type === 'date') return readers.date;
  const booleans = new Map(values.map((value) => [String(value).toLowerCase(), String(value)]));
  const asWritten = (value: unknown) => (typeof value === 'boolean' ? booleans.get(String(value)) : undefined) ?? value;
  return { expected: readers.text.expected, read: (value) => readers.text.read(asWritten(value)) };
}

function readColumn(
  name: string,
  type: ColumnType,
  rows: readonly Row[],
  { read, expected }: Reader,
  problems: FieldProblem[],
): Column {
  const values = rows.map((row, i) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if (value === null) return undefined;
    const found = read(value);
    if (found === undefined && problems.length < maxProblems) {
      const detail =
        value === undefined
          ? `Row ${i} must have the column ${JSON.stringify(name)}: ${expected}, or null where it is missing`
          : `${JSON.stringify(name)} of row ${i} must be ${expected}, or null where it is missing`;
      problems.push({ pointer: child(`/rows/${i}`, name), detail });
    }
    return found;
  });
  if (type !== 'text')
    return { name, type, values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : NaN)) };
  const texts = values.map((value) => String(value));
  return { name, type, texts, codes: Int32Array.from(values, (value, i) => (value === undefined ? -1 : i)) };
}
